namespace VecSql.Tests.RandomSql;

/// <param name="Oid">The type it is declared with.</param>
/// <param name="Text">Its value in text form.</param>
internal sealed record Parameter(int Oid, string Text);

/// <summary>A statement, and what its rows may be compared by.</summary>
/// <param name="OrderedBy">The output columns that the result is sorted by, in turn; rows that tie come in any order.</param>
internal sealed record Statement(string Sql, List<Parameter> Parameters, int[] OrderedBy);

internal enum SelectShape { Free, OneRow, OneAggregatedRow }

/// <summary>Writes random SELECTs over a schema. Every one has exactly one right multiset of rows.</summary>
internal sealed partial class QueryWriter(Choices choices, Schema schema, bool parameters)
{
    private readonly Choices _choices = choices;
    private readonly List<Parameter>? _parameters = parameters ? [] : null;
    private readonly List<Source> _ctes = [];
    private int _noParameters;
    private int _names;

    /// <summary>A relation that FROM can name.</summary>
    private sealed record Source(string Name, List<(string Name, Kind Kind)> Columns);

    public Statement Write()
    {
        int depth = 1 + _choices.Next(4);
        if (_choices.Chance(8)) return new Statement(Star(), _parameters ?? [], []);
        Kind[] kinds = Kinds(1 + _choices.Next(4));
        string sql = _choices.Chance(7) ? OverBig(kinds) : Query(kinds, null, depth, top: true);
        int[] ordered = [];
        if (_choices.Chance(50))
        {
            // A whole order makes LIMIT exact; a partial one goes with WITH TIES.
            bool whole = _choices.Chance(60);
            List<int> places = Enumerable.Range(0, kinds.Length).ToList();
            ordered = new int[whole ? kinds.Length : 1 + _choices.Next(kinds.Length)];
            for (int i = 0; i < ordered.Length; i++)
            {
                ordered[i] = _choices.Of(places);
                places.Remove(ordered[i]);
            }
            if (sql.StartsWith("WITH", StringComparison.Ordinal) || sql.StartsWith("(SELECT DISTINCT ON", StringComparison.Ordinal) || _choices.Chance(20)) sql = $"SELECT * FROM ({sql}) AS q{_names++}";
            sql += $" ORDER BY {string.Join(", ", ordered.Select(p => p + 1 + Direction()))}";
            if (whole && _choices.Chance(40)) sql += _choices.Of([$" LIMIT {_choices.Next(6)}", $" OFFSET {_choices.Next(4)}", $" LIMIT {_choices.Next(6)} OFFSET {_choices.Next(4)}", " LIMIT ALL", " FETCH FIRST ROW ONLY"]);
            else if (_choices.Chance(20)) sql += $" FETCH FIRST {1 + _choices.Next(4)} ROWS WITH TIES";
        }
        return new Statement(sql, _parameters ?? [], ordered);
    }

    /// <summary>One pass over the big table, maybe beside a small one.</summary>
    private string OverBig(Kind[] kinds)
    {
        Scope scope = new();
        string from = $"big AS a{_names}";
        Add(scope, $"a{_names++}", Schema.Big.Columns.Select(c => (c.Name, c.Kind)));
        if (_choices.Chance(40))
        {
            List<Reference> before = [.. scope.References];
            string join = _choices.Of(["JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN"]);
            string right = Named(TableSource(), $"a{_names++}", scope);
            List<Reference> added = scope.References[before.Count..];
            (Reference l, Reference r) = _choices.Of((from a in before from b in added where a.Kind == b.Kind select (a, b)).ToList());
            from = $"{from} {join} {right} ON {l.Sql} = {r.Sql}";
        }
        string where = _choices.Chance(60) ? $" WHERE {Expression(Kind.Bool, scope, 1)}" : "";
        return _choices.Next(6) switch
        {
            0 => $"SELECT {Outputs(kinds, new Scope { AggregateArguments = scope }, 1)} FROM {from}{where}",
            1 => $"SELECT DISTINCT {Outputs(kinds, scope, 1)} FROM {from}{where}",
            2 => $"SELECT {Outputs(kinds, new Scope { References = scope.References, Windows = true }, 1)} FROM {from}{where}",
            3 => $"SELECT {Outputs(kinds, scope, 1)} FROM {from}{where}",
            _ => Grouped(kinds, from, where, scope, 1),
        };
    }

    private Kind[] Kinds(int count)
    {
        Kind[] kinds = new Kind[count];
        for (int i = 0; i < count; i++) kinds[i] = _choices.Chance(50) ? _choices.Of([Kind.Int4, Kind.Text, Kind.Bool, Kind.Int8, Kind.Numeric]) : _choices.Of(KindFacts.Kinds);
        return kinds;
    }

    /// <summary>SELECT * over a join: the merged columns of USING and NATURAL.</summary>
    private string Star()
    {
        (string from, Scope scope) = From(null, 2);
        return $"SELECT * FROM {from}{(_choices.Chance(50) ? $" WHERE {Expression(Kind.Bool, scope, 2)}" : "")}";
    }

    /// <summary>A query with columns of these types: a SELECT, VALUES, a set operation, or one under WITH. It has no ORDER BY of its own that something could be appended to.</summary>
    private string Query(Kind[] kinds, Scope? outer, int depth, bool top = false)
    {
        switch (depth <= 0 ? 0 : _choices.Next(12))
        {
            case 1 or 2: return SetOperation(kinds, outer, depth - 1);
            case 3: return Values(kinds, outer, depth - 1);
            case 4 when top || _choices.Chance(40): return With(kinds, outer, depth - 1);
            case 5 when !top: return Limited(kinds, outer, depth - 1);
            default: return Select(kinds, outer, depth, SelectShape.Free, plain: top);
        }
    }

    private string Limited(Kind[] kinds, Scope? outer, int depth)
    {
        string name = $"q{_names++}";
        IEnumerable<string> columns = kinds.Select((_, i) => $"c{i}");
        string order = string.Join(", ", Enumerable.Range(1, kinds.Length).Select(i => i + Direction()));
        string inner = Query(kinds, outer, depth);
        return $"(SELECT * FROM ({inner}) AS {name} ({string.Join(", ", columns)}) ORDER BY {order} {_choices.Of(["LIMIT 1", "LIMIT 3", "OFFSET 1", "LIMIT 2 OFFSET 1", "LIMIT 0", "FETCH FIRST 2 ROWS WITH TIES"])})";
    }

    private string SetOperation(Kind[] kinds, Scope? outer, int depth)
    {
        string operation = _choices.Of(["UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"]);
        string left = Query(kinds, outer, depth), right = Query(kinds, outer, depth);
        return $"({left}) {operation} ({right})";
    }

    private string Values(Kind[] kinds, Scope? outer, int depth)
    {
        int rows = 1 + _choices.Next(3);
        Scope scope = new() { Outer = outer };
        return "VALUES " + string.Join(", ", Enumerable.Range(0, rows).Select(_ => $"({string.Join(", ", kinds.Select(k => Expression(k, scope, Math.Min(depth, 2))))})"));
    }

    private string With(Kind[] kinds, Scope? outer, int depth)
    {
        int before = _ctes.Count;
        List<string> items = [];
        bool recursive = false;
        int count = 1 + _choices.Next(2);
        for (int i = 0; i < count; i++)
        {
            string name = $"w{_names++}";
            Kind[] own = Kinds(1 + _choices.Next(3));
            Source source = new(name, own.Select((k, n) => ($"c{n}", k)).ToList());
            string columns = string.Join(", ", source.Columns.Select(c => c.Name));
            if (_choices.Chance(25))
            {
                recursive = true;
                items.Add(Recursive(ref source, outer, depth));
            }
            else items.Add($"{name} ({columns}) AS {_choices.Of(["", "MATERIALIZED ", "NOT MATERIALIZED "])}({Query(own, outer, depth)})");
            _ctes.Add(source);
        }
        string body = Query(kinds, outer, depth);
        if (body.StartsWith("WITH", StringComparison.Ordinal)) body = $"({body})";
        _ctes.RemoveRange(before, _ctes.Count - before);
        return $"WITH {(recursive ? "RECURSIVE " : "")}{string.Join(", ", items)} {body}";
    }

    /// <summary>A counter that goes along with one more column.</summary>
    private string Recursive(ref Source source, Scope? outer, int depth)
    {
        Kind kind = _choices.Of([Kind.Int4, Kind.Text, Kind.Int8, Kind.Jsonb, Kind.IntArray]);
        source = source with { Columns = [("n", Kind.Int4), ("x", kind)] };
        string name = source.Name, type = KindFacts.Of(kind).Sql;
        Scope step = new() { References = [new Reference("r.n", Kind.Int4), new Reference("r.x", kind)], Outer = outer };
        string start = $"SELECT 1, {Expression(kind, new Scope { Outer = outer }, 1)}::{type}";
        string union = _choices.Of(["UNION ALL", "UNION"]);
        if (_choices.Chance(40)) start = Query([Kind.Int4, kind], outer, Math.Min(depth, 1));
        string more = _choices.Chance(30) ? $" AND {Expression(Kind.Bool, step, 1)}" : "";
        string value = _choices.Chance(50) ? "r.x" : $"({Expression(kind, step, 1)})::{type}";
        return $"{name} (n, x) AS (({start}) {union} SELECT r.n + 1, {value} FROM {name} AS r WHERE r.n BETWEEN 0 AND {2 + _choices.Next(3)}{more})";
    }

    private string Select(Kind[] kinds, Scope? outer, int depth, SelectShape shape, bool plain = false)
    {
        if (shape == SelectShape.Free && _choices.Chance(5)) return $"SELECT {Outputs(kinds, new Scope { Outer = outer }, depth)}";
        (string from, Scope scope) = From(outer, depth);
        string where = Where(scope, depth);
        if (shape == SelectShape.OneAggregatedRow)
            return $"SELECT {string.Join(", ", kinds.Select(k => Aggregate(k, scope, 1)))} FROM {from}{where}";
        if (shape == SelectShape.OneRow)
        {
            // The smallest of all rows: there are never two.
            string value = Expression(kinds[0], scope, 1);
            return $"SELECT {value} FROM {from}{where} ORDER BY {string.Join(", ", scope.References.Select(r => r.Sql).DefaultIfEmpty("1"))} LIMIT 1";
        }
        return _choices.Next(10) switch
        {
            7 or 8 => Grouped(kinds, from, where, scope, depth),
            9 => $"SELECT {Outputs(kinds, new Scope { Outer = outer, AggregateArguments = scope }, depth)} FROM {from}{where}{(_choices.Chance(20) ? " HAVING count(*) > 0" : "")}",
            6 when scope.References.Count > 0 => DistinctOn(kinds, from, where, scope),
            5 => $"SELECT DISTINCT {Outputs(kinds, scope, depth)} FROM {from}{where}",
            4 when plain && scope.References.Count > 0 => $"SELECT {SetReturning(kinds, scope)} FROM {from}{where}",
            _ => $"SELECT {Outputs(kinds, new Scope { References = scope.References, Outer = outer, Windows = true }, depth)} FROM {from}{where}",
        };
    }

    /// <summary>Subqueries are often tied to the query around them.</summary>
    private string Where(Scope scope, int depth)
    {
        if (scope.Outer is { References.Count: > 0 } outer && _choices.Chance(50))
        {
            List<(Reference Inner, Reference Outer)> pairs = (from i in scope.References from o in outer.References where i.Kind == o.Kind && o.Plain select (i, o)).ToList();
            if (pairs.Count > 0)
            {
                (Reference inner, Reference tied) = _choices.Of(pairs);
                string more = _choices.Chance(30) ? $" {_choices.Of(["AND", "AND", "OR"])} {Expression(Kind.Bool, scope, Math.Min(depth, 2))}" : "";
                return $" WHERE {inner.Sql} {_choices.Of(["=", "=", "=", "<", ">=", "<>", "IS NOT DISTINCT FROM"])} {tied.Sql}{more}";
            }
        }
        if (!_choices.Chance(55)) return "";
        string condition = Expression(Kind.Bool, scope, depth);
        return _choices.Chance(25) ? $" WHERE {condition} AND {Expression(Kind.Bool, scope, depth)}" : $" WHERE {condition}";
    }

    private string Outputs(Kind[] kinds, Scope scope, int depth) => string.Join(", ", kinds.Select((k, i) => $"{Expression(k, scope, depth)}{(_choices.Chance(50) ? $" AS o{i}" : "")}"));

    private string DistinctOn(Kind[] kinds, string from, string where, Scope scope)
    {
        _noParameters++;
        string key = _choices.Chance(70) ? _choices.Of(scope.References).Sql : Expression(Kind.Int4, scope, 1);
        if (int.TryParse(key, out _)) key = $"({key} + 0)";
        _noParameters--;
        string order = $"{key}{Direction()}, {string.Join(", ", scope.References.Select(r => r.Sql))}";
        return $"(SELECT DISTINCT ON ({key}) {Outputs(kinds, scope, 1)} FROM {from}{where} ORDER BY {order})";
    }

    private string SetReturning(Kind[] kinds, Scope scope) => string.Join(", ", kinds.Select(k => k switch
    {
        Kind.Int4 => _choices.Of(["generate_series(1, 3)", $"unnest({Expression(Kind.IntArray, scope, 1)})", $"generate_series(2, {Leaf(Kind.Int4, scope)} & 7, 2)"]),
        Kind.Text => _choices.Of([$"unnest({Expression(Kind.TextArray, scope, 1)})", $"regexp_split_to_table({Leaf(Kind.Text, scope)}, 'b')", "jsonb_object_keys('{\"p\": 1, \"q\": 2}'::jsonb)"]),
        Kind.Jsonb => "jsonb_array_elements('[1, \"x\", null]'::jsonb)",
        _ => Expression(k, scope, 1),
    }));

    private string Grouped(Kind[] kinds, string from, string where, Scope scope, int depth)
    {
        _noParameters++;
        List<Reference> keys = [];
        int count = 1 + _choices.Next(3);
        for (int i = 0; i < count; i++)
        {
            if (scope.References.Count > 0 && _choices.Chance(75)) keys.Add(_choices.Of(scope.References));
            else
            {
                Kind kind = AnyKind(scope);
                string sql = Expression(kind, scope, 1);
                // PostgreSQL folds a constant key before it groups, and so shows it in grouping sets that leave it out.
                if (scope.References.All(r => !sql.Contains(r.Sql, StringComparison.Ordinal))) continue;
                keys.Add(sql.Contains('(') ? new Reference(sql, kind, false) : new Reference($"coalesce({sql}, {sql})", kind, false));
            }
        }
        if (keys.Count == 0)
        {
            _noParameters--;
            return $"SELECT {Outputs(kinds, new Scope { Outer = scope.Outer, AggregateArguments = scope }, depth)} FROM {from}{where}";
        }
        string list = string.Join(", ", keys.Select(k => k.Sql));
        // PostgreSQL may fold more of an expression than can be told here.
        bool sets = keys.TrueForAll(k => k.Plain) && _choices.Chance(40);
        string group = !sets ? list : _choices.Next(4) switch
        {
            0 => $"ROLLUP ({list})",
            1 => $"CUBE ({list})",
            2 => $"GROUPING SETS (({list}), (), ({keys[0].Sql}))",
            _ => $"{keys[0].Sql}, GROUPING SETS (({list}), ({keys[^1].Sql}))",
        };
        if (!sets && _choices.Chance(8)) group = $"DISTINCT {list}";
        _noParameters--;
        Scope grouped = new() { References = keys, Outer = scope.Outer, AggregateArguments = scope, Windows = !sets };
        string having = _choices.Chance(25) ? $" HAVING {Expression(Kind.Bool, grouped.WithoutWindows(), Math.Min(depth, 2))}" : "";
        string outputs = string.Join(", ", kinds.Select(k => sets && k == Kind.Int4 && _choices.Chance(50) ? $"grouping({string.Join(", ", keys.Take(1 + _choices.Next(keys.Count)).Select(r => r.Sql))})" : Expression(k, grouped, Math.Min(depth, 2))));
        return $"SELECT {outputs} FROM {from}{where} GROUP BY {group}{having}";
    }
}
