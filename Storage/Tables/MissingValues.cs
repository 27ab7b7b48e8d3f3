using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Storage.Tables;

/// <summary>What rows stored before a column was added have in it: one value for all, read from its text form when first asked for.</summary>
internal sealed class MissingValues(TableObject table, CatalogSnapshot catalog)
{
    private readonly Column?[] _values = new Column?[table.Columns.Length + 1];

    public Column Of(short number, int length) => (Volatile.Read(ref _values[number]) ?? Read(number)).Repeat(length);

    private Column Read(short number)
    {
        ColumnObject column = table.Columns[number - 1];
        Invariant.Check(column.Number == number);
        TypeHandler handler = TypeHandlers.Of(column.Type.Oid, catalog);
        ColumnBuilder builder = ColumnBuilder.Create(handler.Kind, 1);
        if (column.MissingValue is null) builder.AppendNull();
        else handler.ParseText(Encoding.UTF8.GetBytes(column.MissingValue), column.Type, builder, new StoredTextContext(catalog));
        Column value = builder.BuildConstant(1);
        Volatile.Write(ref _values[number], value);
        return value;
    }
}
