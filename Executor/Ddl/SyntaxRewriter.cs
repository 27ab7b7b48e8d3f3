using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using VecSql.Parser;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>
/// Copies a syntax tree with some nodes replaced, by reflection over the records: for DDL, which runs seldom and must not forget any of the grammar's places.
/// </summary>
/// <param name="replace">Given a node of the original tree, and its copy whose children were replaced already (the same node if nothing changed); returns what stands there from now on.</param>
internal sealed class SyntaxRewriter(Func<SyntaxNode, SyntaxNode, SyntaxNode> replace)
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Children = new();
    private static readonly ConcurrentDictionary<Type, MethodInfo> Clones = new();

    public T Rewrite<T>(T node) where T : SyntaxNode
    {
        SqlParser.CheckStack(node.Span.Start);
        SyntaxNode copy = node;
        foreach (PropertyInfo property in ChildrenOf(node.GetType()))
        {
            object? before = property.GetValue(node);
            object? after = RewriteValue(before);
            if (ReferenceEquals(before, after)) continue;
            if (ReferenceEquals(copy, node)) copy = (SyntaxNode)CloneOf(node.GetType()).Invoke(node, null)!;
            property.SetValue(copy, after);
        }
        return (T)replace(node, copy);
    }

    /// <summary>Visits each node of a tree, parents first.</summary>
    public static void Walk(SyntaxNode node, Action<SyntaxNode> visit)
    {
        SqlParser.CheckStack(node.Span.Start);
        visit(node);
        foreach (PropertyInfo property in ChildrenOf(node.GetType())) WalkValue(property.GetValue(node), visit);
    }

    private static void WalkValue(object? value, Action<SyntaxNode> visit)
    {
        if (value is SyntaxNode child) Walk(child, visit);
        else if (value is IEnumerable list and not string)
            foreach (object? item in list) WalkValue(item, visit);
    }

    private object? RewriteValue(object? value)
    {
        if (value is SyntaxNode child) return Rewrite(child);
        if (value is string || value is not IEnumerable list) return value;
        List<object?> items = [];
        bool isChanged = false;
        foreach (object? item in list)
        {
            object? after = RewriteValue(item);
            isChanged |= !ReferenceEquals(item, after);
            // A select list's star may become several items.
            if (after is NodeList several) items.AddRange(several.Nodes);
            else items.Add(after);
        }
        if (!isChanged) return value;
        Array array = Array.CreateInstance(ElementOf(value.GetType()), items.Count);
        for (int i = 0; i < items.Count; i++) array.SetValue(items[i], i);
        return array;
    }

    private static Type ElementOf(Type list) => list.GetInterfaces().Append(list).First(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>)).GetGenericArguments()[0];

    private static PropertyInfo[] ChildrenOf(Type type) => Children.GetOrAdd(type, static t =>
        [.. t.GetProperties().Where(p => p.GetIndexParameters().Length == 0 && p.CanWrite && HoldsNodes(p.PropertyType))]);

    private static bool HoldsNodes(Type type) => typeof(SyntaxNode).IsAssignableFrom(type)
        || type != typeof(string) && type.IsGenericType && type.GetGenericArguments() is [{ } element] && typeof(IEnumerable).IsAssignableFrom(type) && HoldsNodes(element);

    private static MethodInfo CloneOf(Type type) => Clones.GetOrAdd(type, static t => t.GetMethod("<Clone>$")!);
}

/// <summary>Several nodes in the place of one in a list.</summary>
internal sealed record NodeList(IReadOnlyList<SyntaxNode> Nodes) : SyntaxNode;
