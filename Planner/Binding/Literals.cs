using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;
using VecSql.Planner.Expressions;

namespace VecSql.Planner.Binding;

/// <summary>Makes constants.</summary>
internal static class Literals
{
    public static LiteralExpression Null(SqlType type, CatalogSnapshot catalog)
    {
        ColumnBuilder builder = ColumnBuilder.Create(TypeHandlers.Find(type.Oid, catalog)?.Kind ?? PhysicalKind.Bytes, 1);
        builder.AppendNull();
        return new LiteralExpression(builder.BuildConstant(1), type);
    }

    /// <summary>Through the type's input function.</summary>
    public static LiteralExpression Parse(string text, SqlType type, EvalContext context)
    {
        TypeHandler handler = TypeHandlers.Of(type.Oid, context.Catalog);
        ColumnBuilder builder = ColumnBuilder.Create(handler.Kind, 1);
        handler.ParseText(Encoding.UTF8.GetBytes(text), type, builder, context);
        return new LiteralExpression(builder.BuildConstant(1), type);
    }

    public static LiteralExpression Bool(bool value) => Fixed(value, SqlType.Bool);
    public static LiteralExpression Int4(int value) => Fixed(value, SqlType.Int4);
    public static LiteralExpression Int8(long value) => Fixed(value, SqlType.Int8);

    /// <param name="day">Since 2000-01-01.</param>
    public static LiteralExpression Date(int day) => Fixed(day, new SqlType(TypeOid.Date));
    public static LiteralExpression Oid(uint value, uint type = TypeOid.Oid) => Fixed(value, new SqlType(type));
    public static LiteralExpression Text(string value) => Bytes(value, SqlType.Text);
    public static LiteralExpression Unknown(string value) => Bytes(value, SqlType.Unknown);

    /// <summary>The text of an untyped (or text) literal.</summary>
    public static string TextOf(LiteralExpression literal) => Encoding.UTF8.GetString(((BytesColumn)literal.Value)[0]);

    private static LiteralExpression Fixed<T>(T value, SqlType type) where T : unmanaged
    {
        ColumnBuilder<T> builder = new(1);
        builder.Append(value);
        return new LiteralExpression(builder.BuildConstant(1), type);
    }

    private static LiteralExpression Bytes(string value, SqlType type)
    {
        BytesColumnBuilder builder = new(1);
        builder.Append(Encoding.UTF8.GetBytes(value));
        return new LiteralExpression(builder.BuildConstant(1), type);
    }
}
