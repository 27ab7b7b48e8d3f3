namespace VecSql.Tests.RandomSql;

/// <summary>Writes FROM clauses.</summary>
internal sealed partial class QueryWriter
{
    private (string Sql, Scope Scope) From(Scope? outer, int depth)
    {
        Scope scope = new() { Outer = outer };
        string sql = Item(scope, depth, first: true);
        int more = depth <= 0 ? 0 : _choices.Of([0, 0, 1, 1, 2]);
        for (int i = 0; i < more; i++) sql = Join(sql, scope, depth);
        if (more == 0 && depth > 0 && _choices.Chance(20)) sql += $", {Item(scope, depth - 1)}";
        return (sql, scope);
    }

    /// <summary>One relation under a new alias; its columns go into the scope.</summary>
    private string Item(Scope scope, int depth, bool first = false)
    {
        string alias = $"a{_names++}";
        switch (depth <= 0 ? 0 : _choices.Next(14))
        {
            case 7 or 8 when _ctes.Count > 0: return Named(_choices.Of(_ctes), alias, scope);
            case 9: return Derived(alias, scope, scope.Outer, depth - 1, "");
            case 10 when !first: return Derived(alias, scope, new Scope { References = [.. scope.References], Outer = scope.Outer }, depth - 1, "LATERAL ");
            case 11: return Function(alias, scope, first);
            case 12:
            {
                Kind[] kinds = Kinds(1 + _choices.Next(2));
                string values = Values(kinds, scope.Outer, 1);
                Add(scope, alias, kinds.Select((k, i) => ($"c{i}", k)));
                return $"({values}) AS {alias} ({string.Join(", ", kinds.Select((_, i) => $"c{i}"))})";
            }
            default: return Named(TableSource(), alias, scope);
        }
    }

    private Source TableSource()
    {
        Table table = _choices.Of(schema.Tables);
        return new Source(table.Name, table.Columns.Select(c => (c.Name, c.Kind)).ToList());
    }

    private static string Named(Source source, string alias, Scope scope)
    {
        Add(scope, alias, source.Columns);
        return $"{source.Name} AS {alias}";
    }

    private static void Add(Scope scope, string alias, IEnumerable<(string Name, Kind Kind)> columns) => scope.References.AddRange(columns.Select(c => new Reference($"{alias}.{c.Name}", c.Kind)));

    private string Derived(string alias, Scope scope, Scope? outer, int depth, string lateral)
    {
        Kind[] kinds = Kinds(1 + _choices.Next(3));
        string query = Query(kinds, outer, depth);
        Add(scope, alias, kinds.Select((k, i) => ($"c{i}", k)));
        return $"{lateral}({query}) AS {alias} ({string.Join(", ", kinds.Select((_, i) => $"c{i}"))})";
    }

    private string Function(string alias, Scope scope, bool first)
    {
        Scope arguments = first ? new Scope { Outer = scope.Outer } : new Scope { References = [.. scope.References], Outer = scope.Outer };
        string array() => Expression(Kind.IntArray, arguments, 1);
        switch (_choices.Next(7))
        {
            case 0:
                Add(scope, alias, [("c0", Kind.Int4)]);
                return $"generate_series(1, {1 + _choices.Next(5)}) AS {alias} (c0)";
            case 1:
                Add(scope, alias, [("c0", Kind.Int4), ("c1", Kind.Int8)]);
                return $"unnest({array()}) WITH ORDINALITY AS {alias} (c0, c1)";
            case 2:
            {
                string left = array(), right = Expression(Kind.TextArray, arguments, 1);
                Add(scope, alias, [("c0", Kind.Int4), ("c1", Kind.Text)]);
                return $"unnest({left}, {right}) AS {alias} (c0, c1)";
            }
            case 3:
            {
                string left = array();
                Add(scope, alias, [("c0", Kind.Int4), ("c1", Kind.Int4), ("c2", Kind.Int8)]);
                return $"ROWS FROM (generate_series(1, 3), unnest({left})) WITH ORDINALITY AS {alias} (c0, c1, c2)";
            }
            case 4:
            {
                string text = Expression(Kind.Text, arguments, 1);
                Add(scope, alias, [("c0", Kind.Text)]);
                return $"regexp_split_to_table({text}, 'b') AS {alias} (c0)";
            }
            case 5:
                Add(scope, alias, [("c0", Kind.Timestamp)]);
                return $"generate_series(timestamp '2024-01-30', '2024-05-01', interval '{_choices.Of(["1 mon", "17 days", "20 days 05:00"])}') AS {alias} (c0)";
            default:
                Add(scope, alias, [("c0", Kind.Text), ("c1", Kind.Jsonb)]);
                return $"jsonb_each('{{\"a\": 1, \"b\": [2], \"c\": null}}'::jsonb) AS {alias} (c0, c1)";
        }
    }

    private string Join(string left, Scope scope, int depth)
    {
        List<Reference> before = [.. scope.References];
        int kind = _choices.Next(12);
        if (kind == 0) return $"{left} CROSS JOIN {Item(scope, depth - 1)}";
        // Right and full joins can't be lateral.
        bool outerRight = kind is 6 or 7 or 8;
        string right = outerRight ? Named(_ctes.Count > 0 && _choices.Chance(30) ? _choices.Of(_ctes) : TableSource(), $"a{_names++}", scope) : Item(scope, depth - 1);
        List<Reference> added = scope.References[before.Count..];
        string join = kind switch { 2 or 3 => "JOIN", 4 or 5 or 11 => "LEFT JOIN", 6 => "RIGHT JOIN", 7 or 8 => "FULL JOIN", 9 => "INNER JOIN", _ => "LEFT OUTER JOIN" };
        List<string> common = added.Select(r => Column(r)).Where(c => before.Count(b => Column(b) == c) == 1 && added.Count(a => Column(a) == c) == 1
            && before.First(b => Column(b) == c).Kind == added.First(a => Column(a) == c).Kind).ToList();
        bool simple = !left.Contains("JOIN", StringComparison.Ordinal) && !left.Contains(", a", StringComparison.Ordinal);
        if (simple && common.Count > 0 && _choices.Chance(25))
            return _choices.Chance(25) ? $"{left} NATURAL {join} {right}" : $"{left} {join} {right} USING ({string.Join(", ", common.Take(1 + _choices.Next(2)))})";
        return $"{left} {join} {right} ON {JoinCondition(before, added, scope, full: kind is 7 or 8, depth)}";
    }

    private static string Column(Reference reference) => reference.Sql[(reference.Sql.IndexOf('.') + 1)..];

    private string JoinCondition(List<Reference> left, List<Reference> right, Scope scope, bool full, int depth)
    {
        List<(Reference Left, Reference Right)> pairs = (from l in left from r in right where l.Kind == r.Kind select (l, r)).ToList();
        Scope here = new() { References = [.. scope.References], Outer = scope.Outer };
        if (pairs.Count == 0) return full ? "true" : Expression(Kind.Bool, here, Math.Min(depth, 2));
        (Reference a, Reference b) = _choices.Of(pairs);
        string equal = $"{a.Sql} = {b.Sql}";
        // PostgreSQL's full joins need equalities alone or at least one of them.
        return _choices.Next(5) switch
        {
            3 => $"{equal} AND {Expression(Kind.Bool, here, 1)}",
            4 when !full => Expression(Kind.Bool, here, Math.Min(depth, 2)),
            2 when pairs.Count > 1 => _choices.Of(pairs) is var (c, d) ? $"{equal} AND {c.Sql} = {d.Sql}" : equal,
            1 when !full => $"{a.Sql} {_choices.Of(["<", ">=", "<>"])} {b.Sql}",
            _ => equal,
        };
    }
}
