using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>The name that PostgreSQL gives to a column of the select list without an alias.</summary>
public static class ColumnNames
{
    public const string None = "?column?";

    public static string Figure(Ast.Expression expression) => Figure(expression, out _) ?? None;

    /// <summary>The part of an index's name that an expression gives.</summary>
    public static string FigureInIndex(Ast.Expression expression) => Figure(expression, out _) ?? "expr";

    /// <summary>Strength 2: a name of its own; 1: a type's or CASE, which gives way to a better one.</summary>
    private static string? Figure(Ast.Expression expression, out int strength)
    {
        strength = 2;
        switch (expression)
        {
            case Ast.ColumnRef { IsStar: false } e: return e.Parts[^1];
            case Ast.IndirectionExpression e:
                for (int i = e.Steps.Count - 1; i >= 0; i--)
                    if (e.Steps[i] is Ast.FieldSelection field)
                        return field.Name;
                return Figure(e.Operand, out strength);
            case Ast.FunctionCall e: return e.Name.Name;
            case Ast.SpecialFunctionCall e: return Special(e.Function);
            case Ast.SqlValueFunctionCall e: return Value(e.Function);
            case Ast.CastExpression e:
                string? inner = Figure(e.Operand, out strength);
                if (inner is not null && strength > 1) return inner;
                strength = 1;
                return e.Type.Name.Name;
            case Ast.CollateExpression e: return Figure(e.Operand, out strength);
            case Ast.AtTimeZone: return "timezone";
            case Ast.ExistsExpression: return "exists";
            case Ast.ArraySubquery or Ast.ArrayConstructor: return "array";
            case Ast.RowConstructor: return "row";
            case Ast.ScalarSubquery e: return FirstOf(e.Query.Body);
            case Ast.CaseExpression e:
                string? last = e.Else is null ? null : Figure(e.Else, out strength);
                if (last is not null && strength > 1) return last;
                strength = 1;
                return "case";
            case Ast.IsTest { Kind: >= Ast.IsTestKind.Normalized, IsNegated: false }: return "is_normalized";
            case Ast.TreatExpression e: return e.Type.Name.Name;
            default:
                strength = 0;
                return null;
        }
    }

    /// <summary>The name of a query's first column.</summary>
    private static string FirstOf(Ast.SelectBody body) => body switch
    {
        Ast.SelectCore { Items: [{ } item, ..] } => item.Alias ?? Figure(item.Expression),
        Ast.SetOperation operation => FirstOf(operation.Left),
        Ast.NestedSelect nested => FirstOf(nested.Select.Body),
        Ast.ValuesBody => "column1",
        _ => None,
    };

    private static string Special(Ast.SpecialFunction function) => function switch
    {
        Ast.SpecialFunction.Extract => "extract",
        Ast.SpecialFunction.SubstringFrom or Ast.SpecialFunction.SubstringFor or Ast.SpecialFunction.SubstringFromFor or Ast.SpecialFunction.SubstringSimilar => "substring",
        Ast.SpecialFunction.TrimBoth => "btrim",
        Ast.SpecialFunction.TrimLeading => "ltrim",
        Ast.SpecialFunction.TrimTrailing => "rtrim",
        Ast.SpecialFunction.CollationFor => "pg_collation_for",
        _ => function.ToString().ToLowerInvariant(),
    };

    private static string Value(Ast.SqlValueFunction function) => function switch
    {
        Ast.SqlValueFunction.CurrentDate => "current_date",
        Ast.SqlValueFunction.CurrentTime => "current_time",
        Ast.SqlValueFunction.CurrentTimestamp => "current_timestamp",
        Ast.SqlValueFunction.CurrentRole => "current_role",
        Ast.SqlValueFunction.CurrentUser => "current_user",
        Ast.SqlValueFunction.SessionUser => "session_user",
        Ast.SqlValueFunction.CurrentCatalog => "current_catalog",
        Ast.SqlValueFunction.CurrentSchema => "current_schema",
        _ => function.ToString().ToLowerInvariant(),
    };
}
