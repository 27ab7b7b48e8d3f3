using VecSql.Core.Catalog;
using VecSql.Core.Environment;

namespace VecSql.Core.SystemTables;

/// <summary>pg_enum: labels of enums.</summary>
internal sealed class PgEnum() : SystemTable("pg_enum")
{
    public override void Fill(SystemRows rows, EvalContext context)
    {
        foreach (TypeObject type in context.Catalog.Objects.OfType<TypeObject>())
            foreach (EnumLabel label in type.Labels)
            {
                rows.Add(label.Oid).Add(type.Oid).Add(label.SortOrder).Add(label.Name);
                rows.EndRow();
            }
    }
}
