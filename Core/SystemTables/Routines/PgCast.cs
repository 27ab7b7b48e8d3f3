using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_cast: casts that can be made here.</summary>
internal sealed class PgCast() : SystemTable("pg_cast")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        InstalledExtensions extensions = new(context.Catalog);
        foreach (BuiltinCast cast in Builtins.Casts)
        {
            if (!extensions.Has(cast.Extension) || (cast.Function != 0 && !(Builtins.FindFunction(cast.Function) is { } function && PgProc.Lists(function)))) continue;
            rows.Add(cast.Oid).Add(cast.Source).Add(cast.Target).Add(cast.Function).Add(cast.Context).Add(cast.Method);
            rows.EndRow();
        }
    }
}
