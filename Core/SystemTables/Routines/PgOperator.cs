using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Functions;

namespace VecSql.Core.SystemTables;

/// <summary>pg_operator: operators that can be used here.</summary>
internal sealed class PgOperator() : SystemTable("pg_operator")
{
    public static bool Lists(BuiltinOperator op) => Builtins.FindFunction(op.Function) is { } function && FunctionLibrary.Default.Implements(function);

    public override void Fill(SystemRows rows, EvalContext context)
    {
        InstalledExtensions extensions = new(context.Catalog);
        foreach (BuiltinOperator op in Builtins.Operators)
        {
            if (extensions.SchemaOf(op.Extension) is not { } schema || !Lists(op)) continue;
            rows.Add(op.Oid).Add(op.Name).Add(schema).Add(WellKnownOid.BootstrapRole).Add(op.Kind).Add(op.CanMerge).Add(op.CanHash).Add(op.Left).Add(op.Right).Add(op.Result).Add(op.Commutator)
                .Add(op.Negator).Add(op.Function).Add(0u).Add(0u);
            rows.EndRow();
        }
    }
}
