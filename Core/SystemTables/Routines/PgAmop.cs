using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_amop: operators that indexes answer.</summary>
internal sealed class PgAmop() : SystemTable("pg_amop")
{
    /// <summary>By which what an ordering operator yields is sorted: btree's float_ops.</summary>
    private const uint FloatFamily = 1970;

    public override void Fill(SystemRows rows, EvalContext context)
    {
        InstalledExtensions extensions = new(context.Catalog);
        foreach (BuiltinFamilyOperator o in BuiltinIndexing.Operators)
        {
            if (!extensions.Has(o.Extension)) continue;
            rows.Add(o.Oid).Add(o.Family).Add(o.Left).Add(o.Right).Add(o.Strategy).Add(o.Purpose).Add(o.Operator).Add(o.Method).Add(o.Purpose == 'o' ? FloatFamily : 0u);
            rows.EndRow();
        }
    }
}
