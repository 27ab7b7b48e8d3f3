using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using VecSql.Parser.Ast;

namespace VecSql.Tests.Parser;

/// <summary>Structural comparison of syntax trees: all but spans and the offsets of operators.</summary>
internal static class SyntaxTree
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Properties = new();

    /// <summary>The path of the first difference, or null if the trees are equal.</summary>
    public static string? Difference(object? a, object? b, string path = "")
    {
        if (a is null || b is null) return a is null && b is null ? null : $"{path}: {a ?? "null"} / {b ?? "null"}";
        if (a is string or ValueType) return a.Equals(b) ? null : $"{path}: {a} / {b}";
        if (a is IList x && b is IList y)
        {
            if (x.Count != y.Count) return $"{path}: {x.Count} / {y.Count} items";
            for (int i = 0; i < x.Count; i++)
            {
                if (Difference(x[i], y[i], $"{path}[{i}]") is { } found) return found;
            }
            return null;
        }
        if (a.GetType() != b.GetType()) return $"{path}: {a.GetType().Name} / {b.GetType().Name}";
        foreach (var property in Of(a.GetType()))
        {
            if (Difference(property.GetValue(a), property.GetValue(b), path + "." + property.Name) is { } found) return found;
        }
        return null;
    }

    /// <summary>Every node of the tree, the root first.</summary>
    public static IEnumerable<SyntaxNode> Nodes(object? value)
    {
        if (value is IList list)
        {
            foreach (object? item in list)
            {
                foreach (var node in Nodes(item)) yield return node;
            }
        }
        if (value is not SyntaxNode root) yield break;
        yield return root;
        foreach (var property in Of(root.GetType()))
        {
            foreach (var node in Nodes(property.GetValue(root))) yield return node;
        }
    }

    private static PropertyInfo[] Of(Type type) => Properties.GetOrAdd(type, static t =>
    [
        .. t.GetProperties().Where(p => p.GetIndexParameters().Length == 0 && p.Name is not (nameof(SyntaxNode.Span) or nameof(Expression.OperatorOffset) or nameof(Expression.Location))),
    ]);
}
