using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.SystemTables;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>pg_get_…def: SQL that would make an object again.</summary>
internal static class DefinitionFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("pg_get_expr", static (in a, r, c) => Answers.Text(r, Expression(a, c)));
        library.Strict("pg_get_expr_ext", static (in a, r, c) => Answers.Text(r, a.Get<bool>(2) ? SqlText.Pretty(Expression(a, c)) : Expression(a, c)));
        library.Strict("pg_get_indexdef", static (in a, r, c) => Answers.Text(r, Index(a.Get<uint>(0), 0, false, c)));
        library.Strict("pg_get_indexdef_ext", static (in a, r, c) => Answers.Text(r, Index(a.Get<uint>(0), a.Get<int>(1), a.Get<bool>(2), c)));
        library.Strict("pg_get_constraintdef", static (in a, r, c) => Answers.Text(r, ConstraintDefinition.Format(a.Get<uint>(0), c.Catalog, c.Session.SearchPath, false)));
        library.Strict("pg_get_constraintdef_ext", static (in a, r, c) => Answers.Text(r, ConstraintDefinition.Format(a.Get<uint>(0), c.Catalog, c.Session.SearchPath, a.Get<bool>(1))));
        foreach (string key in (string[])["pg_get_viewdef", "pg_get_viewdef_ext", "pg_get_viewdef_wrap"])
            library.Strict(key, static (in a, r, c) => Answers.Text(r, View(a.Get<uint>(0), c.Catalog)));
        foreach (string key in (string[])["pg_get_viewdef_name", "pg_get_viewdef_name_ext"])
            library.Strict(key, static (in a, r, c) => Answers.Text(r, View(ObjectNames.Find(RegKind.Class, Answers.String(a, 0), c), c.Catalog)));
        library.Strict("pg_get_functiondef", static (in a, r, c) => Answers.Text(r, Function(a, c)?.Create()));
        library.Strict("pg_get_function_arguments", static (in a, r, c) => Answers.Text(r, Function(a, c)?.Arguments()));
        library.Strict("pg_get_function_identity_arguments", static (in a, r, c) => Answers.Text(r, Function(a, c)?.IdentityArguments()));
        library.Strict("pg_get_function_result", static (in a, r, c) => Answers.Text(r, Function(a, c)?.Result()));
        library.Strict("pg_get_serial_sequence", static (in a, r, c) => Answers.Text(r, SerialSequence(Answers.String(a, 0), Answers.String(a, 1), c)));
        // Of kinds of objects that VecSql has none of.
        foreach (string key in (string[])["pg_get_ruledef", "pg_get_ruledef_ext", "pg_get_triggerdef", "pg_get_triggerdef_ext", "pg_get_partkeydef", "pg_get_partition_constraintdef",
            "pg_get_statisticsobjdef", "pg_get_statisticsobjdef_columns", "pg_get_statisticsobjdef_expressions", "pg_get_function_sqlbody", "pg_get_function_arg_default"])
            library.Strict(key, static (in _, r, _) => r.AppendNull());
        library.Add("pg_get_keywords", new CatalogSet(static (in _, _) => Keywords()));
    }

    private static string Expression(in RowArguments arguments, EvalContext context) => SqlText.Display(Answers.String(arguments, 0), context.Catalog, context.Session.SearchPath);

    private static FunctionDefinition? Function(in RowArguments arguments, EvalContext context) => FunctionDefinition.Find(arguments.Get<uint>(0), context.Catalog, context.Session.SearchPath);

    private static string? Index(uint oid, int column, bool isPretty, EvalContext context)
    {
        if (context.Catalog.Find<IndexObject>(oid) is not { } index) return null;
        return column == 0 ? IndexDefinition.Format(index, context.Catalog, context.Session.SearchPath, isPretty) : IndexDefinition.Column(index, column, context.Catalog, context.Session.SearchPath, isPretty);
    }

    private static string? View(uint oid, CatalogSnapshot catalog)
    {
        if (catalog.Find<TableObject>(oid)?.Definition is { } own) return " " + own + ";";
        return SystemRelations.Find(oid) is { Sql: { } sql } ? sql.TrimEnd() : null;
    }

    private static string? SerialSequence(string tableName, string columnName, EvalContext context)
    {
        if (context.Catalog.Find<TableObject>(ObjectNames.Find(RegKind.Class, tableName, context)) is not { } table) return null;
        ColumnObject column = table.LiveColumns.FirstOrDefault(c => c.Name == columnName)
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{columnName}\" of relation \"{table.Name}\" does not exist");
        SequenceObject? sequence = context.Catalog.Relations.OfType<SequenceObject>().FirstOrDefault(s => s.OwnerTable == table.Oid && s.OwnerColumn == column.Number);
        return sequence is null ? null : SqlText.QualifiedName(sequence, context.Catalog);
    }

    private static RowsCursor Keywords()
    {
        using StreamReader reader = new(typeof(DefinitionFunctions).Assembly.GetManifestResourceStream("keywords.tsv") ?? throw new InvariantException("missing resource keywords.tsv"));
        string[][] words = [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t'))];
        return new RowsCursor(words.Length, (row, columns) =>
        {
            bool isBare = words[row].Length > 2 && words[row][2] == "b";
            Answers.Text(columns[0], words[row][0]);
            ((ColumnBuilder<byte>)columns[1]).Append((byte)words[row][1][0]);
            ((ColumnBuilder<bool>)columns[2]).Append(isBare);
            Answers.Text(columns[3], words[row][1][0] switch
            {
                'U' => "unreserved",
                'C' => "unreserved (cannot be function or type name)",
                'T' => "reserved (can be function or type name)",
                _ => "reserved",
            });
            Answers.Text(columns[4], isBare ? "can be bare label" : "requires AS");
        });
    }
}
