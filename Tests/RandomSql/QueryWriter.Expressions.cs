using System.Text;

namespace VecSql.Tests.RandomSql;

/// <summary>Writes random expressions of a wanted type.</summary>
internal sealed partial class QueryWriter
{
    /// <summary>What constants became parameters so far.</summary>
    public List<Parameter> Parameters => _parameters ?? [];

    /// <summary>A value for a table's column, of just its type.</summary>
    public string Typed(TableColumn column, Scope scope) => $"({Expression(column.Kind, scope, 2)})::{KindFacts.Of(column.Kind).Sql}";

    public string Expression(Kind kind, Scope scope, int depth)
    {
        if (depth <= 0) return Leaf(kind, scope);
        switch (_choices.Next(14))
        {
            case 0 or 1 or 2 or 3: return Leaf(kind, scope);
            case 4: return Fill(_choices.Of(kind is Kind.IntArray or Kind.TextArray ? Templates.Any[..^1] : Templates.Any), kind, scope, depth - 1);
            case 5 when depth > 1: return ScalarSubquery(kind, scope, depth - 1);
            case 6 when kind == Kind.Bool && depth > 1: return SubqueryTest(scope, depth - 1);
            case 7 or 8 when scope.AggregateArguments is not null: return Aggregate(kind, scope.AggregateArguments, depth - 1);
            case 9 or 10 when scope.Windows: return WindowCall(kind, scope.WithoutWindows(), depth - 1);
            default: return Fill(_choices.Of(Templates.Of(kind)), kind, scope, depth - 1);
        }
    }

    private string Leaf(Kind kind, Scope scope)
    {
        if (scope.AggregateArguments is not null && _choices.Chance(35)) return Aggregate(kind, scope.AggregateArguments, 1);
        List<string> candidates = scope.Candidates(kind);
        return candidates.Count > 0 && _choices.Chance(80) ? _choices.Of(candidates) : Constant(kind);
    }

    private string Constant(Kind kind)
    {
        KindFacts facts = KindFacts.Of(kind);
        if (_choices.Chance(6)) return $"NULL::{facts.Sql}";
        string value = _choices.Of(facts.Values);
        if (_parameters is not null && _noParameters == 0 && _choices.Chance(40))
        {
            _parameters.Add(new Parameter(facts.Oid, value));
            return _choices.Chance(30) ? $"${_parameters.Count}::{facts.Sql}" : $"${_parameters.Count}";
        }
        return kind switch
        {
            Kind.Int4 when value[0] != '-' => value,
            Kind.Bool => value,
            _ => $"{KindFacts.Quote(value)}::{facts.Sql}",
        };
    }

    /// <summary>Any type, those with columns in the scope much rather.</summary>
    private Kind AnyKind(Scope scope) => scope.References.Count > 0 && _choices.Chance(85) ? _choices.Of(scope.Kinds) : _choices.Of(KindFacts.Kinds);

    private string Fill(string template, Kind wanted, Scope scope, int depth)
    {
        StringBuilder sql = new();
        Kind? first = null, second = null;
        string last = "";
        int at = 0;
        while (template.IndexOf('{', at) is var open and >= 0)
        {
            sql.Append(template, at, open - at);
            int close = template.IndexOf('}', open);
            string code = template[(open + 1)..close];
            at = close + 1;
            if (code.Contains(',') || open > 0 && template[open - 1] == '\'')
            {
                sql.Append('{').Append(code).Append('}');
                continue;
            }
            last = code switch
            {
                "=" => last,
                "K" => _choices.Next(4).ToString(),
                "T" => Expression(wanted, scope, depth),
                "@" => Expression(first ??= AnyKind(scope), scope, depth),
                "#" => Expression(second ??= AnyKind(scope), scope, depth),
                _ => Expression(KindFacts.ByCode(code), scope, depth),
            };
            sql.Append(last);
        }
        return sql.Append(template, at, template.Length - at).ToString();
    }

    private string ScalarSubquery(Kind kind, Scope scope, int depth)
    {
        switch (_choices.Next(4))
        {
            case 0:
                return $"({Select([kind], scope.AsOuter(), depth, SelectShape.OneAggregatedRow)})";
            case 1 when kind is Kind.IntArray or Kind.TextArray:
                return $"ARRAY(SELECT * FROM ({Query([kind == Kind.IntArray ? Kind.Int4 : Kind.Text], scope.AsOuter(), depth)}) AS q{_names++} ORDER BY 1)";
            default:
                return $"({Select([kind], scope.AsOuter(), depth, SelectShape.OneRow)})";
        }
    }

    private string SubqueryTest(Scope scope, int depth)
    {
        Kind kind = AnyKind(scope);
        Scope outer = scope.AsOuter();
        string Sub(params Kind[] kinds) => Query(kinds, outer, depth);
        switch (_choices.Next(10))
        {
            case 0 or 1: return $"EXISTS ({Sub(kind)})";
            case 2: return $"NOT EXISTS ({Sub(kind)})";
            case 3 or 4: return $"({Expression(kind, scope, depth - 1)} IN ({Sub(kind)}))";
            case 5 or 6: return $"({Expression(kind, scope, depth - 1)} NOT IN ({Sub(kind)}))";
            case 7: return $"({Expression(kind, scope, depth - 1)} {_choices.Of(["=", "<", ">=", "<>"])} ANY ({Sub(kind)}))";
            case 8: return $"({Expression(kind, scope, depth - 1)} {_choices.Of(["=", "<", ">=", "<>"])} ALL ({Sub(kind)}))";
            default:
                Kind second = AnyKind(scope);
                return $"(({Expression(kind, scope, depth - 1)}, {Expression(second, scope, depth - 1)}) {_choices.Of(["IN", "NOT IN", "= ANY", "<> ALL"])} ({Sub(kind, second)}))";
        }
    }

    private string Aggregate(Kind kind, Scope arguments, int depth)
    {
        // An aggregate whose arguments name outer columns only would belong to the outer query.
        if (arguments.References.Count == 0 || !_choices.Chance(10)) arguments = new Scope { References = arguments.References };
        string call = Fill(_choices.Of(Templates.Aggregates(kind)), kind, arguments, depth);
        // Some templates wrap their aggregate: FILTER goes right behind a call that stands alone.
        bool alone = call.EndsWith(')') && !call.StartsWith('(');
        return alone && _choices.Chance(20) ? $"{call} FILTER (WHERE {Expression(Kind.Bool, arguments, depth)})" : call;
    }

    private string WindowCall(Kind kind, Scope scope, int depth)
    {
        if (scope.References.Count == 0) return Leaf(kind, scope);
        string argument() => Expression(kind, scope, depth - 1);
        switch (_choices.Next(8))
        {
            case 0 when kind == Kind.Int8:
                return $"{_choices.Of(["rank", "dense_rank", "row_number"])}() OVER ({Partition(scope)}{TotalOrder(scope, partial: true)})";
            case 1 when kind == Kind.Float8:
                return $"{_choices.Of(["percent_rank", "cume_dist"])}() OVER ({Partition(scope)}ORDER BY {SomeOrder(scope)})";
            case 2 when kind == Kind.Int4:
                return $"ntile({1 + _choices.Next(4)}) OVER ({Partition(scope)}{TotalOrder(scope)})";
            case 3:
                return $"{_choices.Of(["lag", "lead"])}({argument()}{_choices.Of(["", ", 2", ", 0", ", -1", $", 1, {Constant(kind)}"])}) OVER ({Partition(scope)}{TotalOrder(scope)})";
            case 4:
                return $"{_choices.Of(["first_value", "last_value"])}({argument()}) OVER ({Partition(scope)}{TotalOrder(scope)}{Frame(Kind.Text)})";
            case 5:
                return $"nth_value({argument()}, {1 + _choices.Next(3)}) OVER ({Partition(scope)}{TotalOrder(scope)}{Frame(Kind.Text)})";
            case 6 when WindowAggregates.TryGetValue(kind, out string[]? templates):
                return WindowAggregate(Fill(_choices.Of(templates), kind, scope, depth - 1), scope);
            default:
                return kind is Kind.Bool or Kind.Uuid or Kind.Jsonb or Kind.Bytea or Kind.Varchar ? $"lag({argument()}) OVER ({Partition(scope)}{TotalOrder(scope)})" : WindowAggregate($"{_choices.Of(["max", "min"])}({argument()})", scope);
        }
    }

    private static readonly Dictionary<Kind, string[]> WindowAggregates = new()
    {
        [Kind.Int8] = ["count(*)", "count({@})", "sum({i})", "sum({s})", "bit_or({l})"],
        [Kind.Numeric] = ["sum({n})", "sum({l})", "avg({i})", "avg({n})", "var_samp({i})", "stddev_pop({l})"],
        [Kind.Float8] = ["sum(({i} % 100)::float8)", "avg(({i} % 10)::float8)"],
        [Kind.Bool] = ["bool_and({b})", "bool_or({b})"],
        [Kind.Int4] = ["bit_and({i})", "max({i})"],
        [Kind.Interval] = ["sum({iv})"],
    };

    private string WindowAggregate(string call, Scope scope)
    {
        string filter = _choices.Chance(15) ? $" FILTER (WHERE {Expression(Kind.Bool, scope, 1)})" : "";
        switch (_choices.Next(5))
        {
            case 0: return $"{call}{filter} OVER ({Partition(scope)})";
            case 1: return $"{call}{filter} OVER ({Partition(scope)}ORDER BY {SomeOrder(scope)})";
            case 2:
            {
                // One sort key of a type that has distances.
                List<Reference> keys = scope.References.Where(r => r.Kind is Kind.Int4 or Kind.Int8 or Kind.Int2 or Kind.Numeric or Kind.Date or Kind.Timestamp or Kind.TimestampTz or Kind.Float8).ToList();
                if (keys.Count == 0) goto default;
                Reference key = _choices.Of(keys);
                return $"{call}{filter} OVER ({Partition(scope)}ORDER BY {key.Sql}{Direction()}{Frame(key.Kind)})";
            }
            default: return $"{call}{filter} OVER ({Partition(scope)}{TotalOrder(scope)}{Frame(Kind.Text)})";
        }
    }

    private string Partition(Scope scope) => _choices.Chance(50) ? $"PARTITION BY {_choices.Of(scope.References).Sql} " : "";

    private string Direction() => _choices.Of(["", " DESC", " NULLS FIRST", " DESC NULLS LAST", " ASC"]);

    private string SomeOrder(Scope scope) => $"{_choices.Of(scope.References).Sql}{Direction()}";

    /// <summary>An order in which rows that tie can't be told apart: by everything that can be named.</summary>
    private string TotalOrder(Scope scope, bool partial = false)
    {
        List<string> keys = [];
        if (_choices.Chance(60)) keys.Add(SomeOrder(scope));
        keys.AddRange(scope.References.Select(r => r.Sql));
        return $"ORDER BY {string.Join(", ", keys)}";
    }

    private string Frame(Kind key)
    {
        if (_choices.Chance(30)) return "";
        bool distances = key != Kind.Text;
        string mode = distances ? "RANGE" : _choices.Of(["ROWS", "GROUPS", "RANGE"]);
        string offset() => key switch
        {
            Kind.Date or Kind.Timestamp or Kind.TimestampTz => _choices.Of(["interval '1 day'", "interval '1 mon'", "interval '0'"]),
            Kind.Text => _choices.Of(["1", "0", "2", "3"]),
            Kind.Float8 => _choices.Of(["1.0", "0", "2.5"]),
            _ => _choices.Of(["1", "0", "5", "100"]),
        };
        bool offsets = distances || mode != "RANGE";
        int from = _choices.Next(4), to = _choices.Next(4);
        string start = from switch { 0 => "UNBOUNDED PRECEDING", 1 when offsets => $"{offset()} PRECEDING", 2 when offsets && to is 2 or 3 => $"{offset()} FOLLOWING", _ => "CURRENT ROW" };
        string end = to switch
        {
            0 => "CURRENT ROW", 1 when offsets && from is 0 or 1 => $"{offset()} PRECEDING", 2 when offsets => $"{offset()} FOLLOWING", 3 => "UNBOUNDED FOLLOWING", _ => "CURRENT ROW",
        };
        if (end.EndsWith("PRECEDING", StringComparison.Ordinal) && start == "CURRENT ROW" || start.EndsWith("FOLLOWING", StringComparison.Ordinal) && !end.EndsWith("FOLLOWING", StringComparison.Ordinal)) end = "UNBOUNDED FOLLOWING";
        string exclude = _choices.Chance(30) ? _choices.Of([" EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES", " EXCLUDE NO OTHERS"]) : "";
        return $" {mode} BETWEEN {start} AND {end}{exclude}";
    }
}
