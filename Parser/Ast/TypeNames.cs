namespace VecSql.Parser.Ast;

/// <summary>
/// A type as written. SQL's spelled-out types are mapped as PostgreSQL's grammar does: INTEGER is pg_catalog.int4, TIME WITH TIME ZONE is
/// pg_catalog.timetz, CHAR(n) is pg_catalog.bpchar with a modifier, DECIMAL is pg_catalog.numeric, FLOAT(24) is pg_catalog.float4.
/// </summary>
/// <param name="Name">The type's name; for %TYPE the column's, qualified by its table.</param>
/// <param name="Modifiers">Expressions in parentheses: varchar(10), numeric(10, 2), vector(768).</param>
/// <param name="ArrayBounds">One entry a dimension; null where no bound is written. Empty for a scalar type.</param>
public sealed record TypeName(QualifiedName Name, IReadOnlyList<Expression> Modifiers, IReadOnlyList<int?> ArrayBounds) : SyntaxNode
{
    /// <summary>SETOF, in a function's result or in a column definition.</summary>
    public bool IsSetOf { get; init; }

    /// <summary>name%TYPE.</summary>
    public bool IsColumnType { get; init; }

    /// <summary>The fields written after INTERVAL; its precision is then in <see cref="Modifiers"/>.</summary>
    public IntervalFields IntervalFields { get; init; }
}

/// <summary>Which fields an interval type is restricted to.</summary>
public enum IntervalFields
{
    All, Year, Month, Day, Hour, Minute, Second, YearToMonth, DayToHour, DayToMinute, DayToSecond, HourToMinute, HourToSecond, MinuteToSecond,
}
