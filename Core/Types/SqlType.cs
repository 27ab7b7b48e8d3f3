namespace VecSql.Core.Types;

/// <summary>A type with its modifier: what an expression or a column yields.</summary>
/// <param name="Oid">The type's number: <see cref="TypeOid"/>, or that of a user's type.</param>
/// <param name="Modifier">PostgreSQL's typmod (length + 4, precision and scale, dimensions); -1 if none.</param>
public readonly record struct SqlType(uint Oid, int Modifier = -1)
{
    public static SqlType Bool => new(TypeOid.Bool);
    public static SqlType Int2 => new(TypeOid.Int2);
    public static SqlType Int4 => new(TypeOid.Int4);
    public static SqlType Int8 => new(TypeOid.Int8);
    public static SqlType Float4 => new(TypeOid.Float4);
    public static SqlType Float8 => new(TypeOid.Float8);
    public static SqlType Numeric => new(TypeOid.Numeric);
    public static SqlType Text => new(TypeOid.Text);
    public static SqlType Name => new(TypeOid.Name);
    public static SqlType Oid_ => new(TypeOid.Oid);
    public static SqlType Unknown => new(TypeOid.Unknown);
    public static SqlType Record => new(TypeOid.Record);
    public static SqlType Void => new(TypeOid.Void);
    public static SqlType TimestampTz => new(TypeOid.TimestampTz);

    public override string ToString() => Modifier < 0 ? Oid.ToString() : $"{Oid}({Modifier})";
}
