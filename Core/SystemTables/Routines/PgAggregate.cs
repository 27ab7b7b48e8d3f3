using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_aggregate: aggregates that can be called here. How they run is VecSql's own: only what PostgreSQL fixes by definition is shown.</summary>
internal sealed class PgAggregate() : SystemTable("pg_aggregate")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        InstalledExtensions extensions = new(context.Catalog);
        foreach (BuiltinAggregate a in Builtins.Aggregates)
        {
            if (Builtins.FindFunction(a.Oid) is not { } function || !extensions.Has(function.Extension) || !PgProc.Lists(function)) continue;
            rows.Add(a.Oid).Add(a.Kind).Add((short)a.DirectArguments).Add(a.Transition).Add(a.Final).Add(a.Combine).AddTimes(5, 0u).Add(false).Add(false).Add('r').Add('r').Add(0u)
                .Add(a.TransitionType).Add(0).Add(0u).Add(0).Add(a.InitialValue).AddNull();
            rows.EndRow();
        }
    }
}
