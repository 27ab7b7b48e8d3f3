using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_rewrite: in PostgreSQL a view is a rule; tools find by it what a view depends on. The rule's number is made from the view's.</summary>
internal sealed class PgRewrite() : SystemTable("pg_rewrite")
{
    public static uint OidOf(uint view) => 0x4000_0000u | view;

    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (TableObject view in context.Catalog.Relations.OfType<TableObject>())
        {
            if (view.Definition is not { } text) continue;
            rows.Add(OidOf(view.Oid)).Add("_RETURN").Add(view.Oid).Add('1').Add('O').Add(true).Add("<>").Add(text);
            rows.EndRow();
        }
    }
}
