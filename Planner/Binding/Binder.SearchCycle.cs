using VecSql.Core.Errors;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>
/// SEARCH and CYCLE of a recursive WITH query, as the SQL standard defines them: both terms become subqueries with columns added that carry the way so far.
/// start: SELECT c…, path FROM (start) s(c…).  step: SELECT c…, path || row FROM (step, with the definition's own added columns) t(c…, path …).
/// </summary>
internal sealed partial class Binder
{
    private const string TermAlias = "*term*";

    private Ast.CommonTableExpression ExpandSearchAndCycle(Ast.CommonTableExpression table, QueryLevel level, bool isRecursive)
    {
        if (!isRecursive || table.Statement is not Ast.SelectStatement { Body: Ast.SetOperation { Kind: Ast.SetOperationKind.Union } union } select)
            throw Error(SqlState.SyntaxError, "WITH query is not recursive", table.Span.Start);
        if (union.Left is Ast.SetOperation or Ast.NestedSelect) throw Error(SqlState.SyntaxError, "with a SEARCH or CYCLE clause, the left side of the UNION must be a SELECT", -1);
        if (union.Right is not Ast.SelectCore step) throw Error(SqlState.SyntaxError, "with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT", -1);
        // Names that the query has without a list of its own are known when its start is bound.
        List<string> names = [.. BindOperand(union.Left, new QueryLevel(level)).Columns.Select((c, i) => i < table.Columns.Count ? table.Columns[i] : c.Name)];
        CheckSearch(table.Search, names);
        CheckCycle(table, names);
        string itself = FindSelfReference(step.From, table.Name)
            ?? throw Error(SqlState.FeatureNotSupported, $"with a SEARCH or CYCLE clause, the recursive reference to WITH query \"{table.Name}\" must be at the top level of its right-hand SELECT", -1);
        WayColumns way = new(table);
        IReadOnlyList<string> added = way.Names;
        Ast.SelectCore startTerm = Wrap(union.Left, names, way.Starts());
        Ast.SelectCore inner = step with { Items = [.. step.Items, .. added.Select(name => Item(new Ast.ColumnRef([itself, name], false), null))] };
        Ast.SelectCore stepTerm = Wrap(inner, [.. names, .. added], way.Steps(), names.Count) with { Where = way.StepCondition() };
        return table with
        {
            Columns = [.. names, .. added], Search = null, Cycle = null,
            Statement = select with { Body = union with { Left = startTerm, Right = stepTerm } },
        };
    }

    /// <summary>SELECT the first columns, and more, FROM (term) *term*(names).</summary>
    private static Ast.SelectCore Wrap(Ast.SelectBody term, IReadOnlyList<string> names, IEnumerable<Ast.SelectItem> more, int kept = -1)
    {
        Ast.SubqueryRef source = new(new Ast.SelectStatement(term) { Span = term.Span }, false) { Alias = new Ast.TableAlias(TermAlias, names), Span = term.Span };
        return new Ast.SelectCore([.. names.Take(kept < 0 ? names.Count : kept).Select(n => Item(Own(n), n)), .. more]) { From = [source], Span = term.Span };
    }

    private static Ast.SelectItem Item(Ast.Expression expression, string? alias) => new(expression, alias);

    private static Ast.ColumnRef Own(string name) => new([TermAlias, name], false);

    private static void CheckSearch(Ast.SearchClause? search, List<string> names)
    {
        if (search is null) return;
        CheckColumns(search.Columns, names, "search", search.Span.Start);
        if (names.Contains(search.SequenceColumn)) throw Error(SqlState.SyntaxError, $"search sequence column name \"{search.SequenceColumn}\" already used in WITH query column list", search.Span.Start);
    }

    private static void CheckCycle(Ast.CommonTableExpression table, List<string> names)
    {
        if (table.Cycle is not { } cycle) return;
        int position = cycle.Span.Start;
        CheckColumns(cycle.Columns, names, "cycle", position);
        if (names.Contains(cycle.MarkColumn)) throw Error(SqlState.SyntaxError, $"cycle mark column name \"{cycle.MarkColumn}\" already used in WITH query column list", position);
        if (names.Contains(cycle.PathColumn)) throw Error(SqlState.SyntaxError, $"cycle path column name \"{cycle.PathColumn}\" already used in WITH query column list", position);
        if (cycle.MarkColumn == cycle.PathColumn) throw Error(SqlState.SyntaxError, "cycle mark column name and cycle path column name are the same", position);
        if (table.Search?.SequenceColumn == cycle.MarkColumn) throw Error(SqlState.SyntaxError, "search sequence column name and cycle mark column name are the same", table.Search.Span.Start);
        if (table.Search?.SequenceColumn == cycle.PathColumn) throw Error(SqlState.SyntaxError, "search sequence column name and cycle path column name are the same", table.Search.Span.Start);
    }

    private static void CheckColumns(IReadOnlyList<string> columns, List<string> names, string clause, int position)
    {
        for (int i = 0; i < columns.Count; i++)
        {
            if (!names.Contains(columns[i])) throw Error(SqlState.SyntaxError, $"{clause} column \"{columns[i]}\" not in WITH query column list", position);
            if (columns.Take(i).Contains(columns[i])) throw Error(SqlState.DuplicateColumn, $"{clause} column \"{columns[i]}\" specified more than once", position);
        }
    }

    /// <summary>The name by which the definition's own rows are known in FROM; null if they aren't there.</summary>
    private static string? FindSelfReference(IEnumerable<Ast.FromItem> items, string name)
    {
        foreach (Ast.FromItem item in items)
        {
            if (item is Ast.TableRef { Name.Parts: [{ } table] } && table == name) return item.Alias?.Name ?? name;
            if (item is Ast.JoinRef join && FindSelfReference([join.Left, join.Right], name) is { } found) return found;
        }
        return null;
    }

    /// <summary>The columns that SEARCH and CYCLE add, and what they are in each term.</summary>
    private sealed class WayColumns(Ast.CommonTableExpression table)
    {
        private readonly Ast.Expression _marked = table.Cycle?.MarkValue ?? new Ast.BooleanLiteral(true), _unmarked = table.Cycle?.MarkDefault ?? new Ast.BooleanLiteral(false);

        public IReadOnlyList<string> Names =>
            [.. table.Search is { } search ? new[] { search.SequenceColumn } : [], .. table.Cycle is { } cycle ? new[] { cycle.MarkColumn, cycle.PathColumn } : []];

        public IEnumerable<Ast.SelectItem> Starts()
        {
            if (table.Search is { } search) yield return Item(search.IsBreadthFirst ? Level(search, Zero) : ListOf(search.Columns), search.SequenceColumn);
            if (table.Cycle is not { } cycle) yield break;
            yield return Item(_unmarked, cycle.MarkColumn);
            yield return Item(ListOf(cycle.Columns), cycle.PathColumn);
        }

        public IEnumerable<Ast.SelectItem> Steps()
        {
            if (table.Search is { } search)
            {
                Ast.ColumnRef before = Own(search.SequenceColumn);
                Ast.Expression depth = new Ast.BinaryExpression(new Ast.IndirectionExpression(before, [new Ast.FieldSelection("f1")]), Operator("+"), new Ast.IntegerLiteral("1"));
                yield return Item(search.IsBreadthFirst ? Level(search, depth) : Joined(before, search.Columns), search.SequenceColumn);
            }
            if (table.Cycle is not { } cycle) yield break;
            Ast.Expression isKnown = new Ast.QuantifiedArray(RowOf(cycle.Columns), Operator("="), Ast.Quantifier.Any, Own(cycle.PathColumn));
            yield return Item(new Ast.CaseExpression(null, [new Ast.WhenClause(isKnown, _marked)], _unmarked), cycle.MarkColumn);
            yield return Item(Joined(Own(cycle.PathColumn), cycle.Columns), cycle.PathColumn);
        }

        /// <summary>Rows that closed a cycle lead no further.</summary>
        public Ast.Expression? StepCondition() => table.Cycle is null ? null : new Ast.BinaryExpression(Own(table.Cycle.MarkColumn), Operator("<>"), _marked);

        private static Ast.CastExpression Zero => new(new Ast.IntegerLiteral("0"), new Ast.TypeName(new Ast.QualifiedName(["pg_catalog", "int8"]), [], []), Ast.CastSyntax.Colons);

        private static Ast.OperatorName Operator(string symbol) => new("pg_catalog", symbol);

        private static Ast.RowConstructor RowOf(IReadOnlyList<string> columns) => new([.. columns.Select(Own)], true);

        private static Ast.RowConstructor Level(Ast.SearchClause search, Ast.Expression depth) => new([depth, .. search.Columns.Select(Own)], true);

        private static Ast.ArrayConstructor ListOf(IReadOnlyList<string> columns) => new([RowOf(columns)]);

        private static Ast.BinaryExpression Joined(Ast.Expression before, IReadOnlyList<string> columns) => new(before, Operator("||"), ListOf(columns));
    }
}
