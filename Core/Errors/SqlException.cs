namespace VecSql.Core.Errors;

/// <summary>
/// A user's mistake, or a condition that the user must know of: what PostgreSQL's ErrorResponse carries.
/// Raised anywhere below the session; the session reports it and goes on.
/// </summary>
public sealed class SqlException : Exception
{
    public SqlException(string sqlState, string message, int position = -1, string? detail = null, string? hint = null, Exception? inner = null)
        : base(message, inner)
    {
        SqlState = sqlState;
        Position = position;
        Detail = detail;
        Hint = hint;
    }

    /// <summary>Five characters, one of <see cref="Errors.SqlState"/>.</summary>
    public string SqlState { get; }

    /// <summary>Offset of the culprit in the statement's text in UTF-16 units, from 0; -1 if there is none. The wire counts characters from 1.</summary>
    public int Position { get; init; }
    public string? Detail { get; init; }
    public string? Hint { get; init; }

    /// <summary>The context in which the error arose ("COPY t, line 3, column x: …").</summary>
    public string? Where { get; init; }
    public string? SchemaName { get; init; }
    public string? TableName { get; init; }
    public string? ColumnName { get; init; }
    public string? DataTypeName { get; init; }
    public string? ConstraintName { get; init; }

    /// <summary>Clients test for one value: "RevalidateCachedQuery", when a cached plan's result type changed.</summary>
    public string? Routine { get; init; }

    /// <summary>True if the session can't go on: the connection is closed after the report (severity FATAL).</summary>
    public bool IsFatal { get; init; }

    /// <summary>The same error with a position, if it has none yet.</summary>
    public SqlException At(int position) => Position >= 0 ? this : Copy(position, Where);

    /// <summary>The same error with its context, if it has none yet.</summary>
    public SqlException In(string where) => Where is not null ? this : Copy(Position, where);

    /// <summary>What can't be done yet, by name (0A000).</summary>
    public static SqlException NotSupported(string what, int position = -1, string? hint = null) =>
        new(Errors.SqlState.FeatureNotSupported, what + " is not supported", position, hint: hint);

    private SqlException Copy(int position, string? where) => new(SqlState, Message, position, Detail, Hint, this)
    {
        Where = where, SchemaName = SchemaName, TableName = TableName, ColumnName = ColumnName, DataTypeName = DataTypeName,
        ConstraintName = ConstraintName, Routine = Routine, IsFatal = IsFatal,
    };
}
