namespace VecSql.Parser.Ast;

// Transactions

public enum IsolationLevel { ReadUncommitted, ReadCommitted, RepeatableRead, Serializable }

/// <summary>Modes of BEGIN, SET TRANSACTION, SET SESSION CHARACTERISTICS; null where not written.</summary>
public sealed record TransactionModes : SyntaxNode
{
    public IsolationLevel? Isolation { get; init; }
    public bool? IsReadOnly { get; init; }
    public bool? IsDeferrable { get; init; }
}

public enum TransactionCommand
{
    /// <summary>BEGIN</summary>
    Begin,
    /// <summary>START TRANSACTION; differs from BEGIN in its command tag.</summary>
    Start,
    /// <summary>COMMIT or END</summary>
    Commit,
    /// <summary>ROLLBACK or ABORT</summary>
    Rollback,
    Savepoint,
    ReleaseSavepoint,
    RollbackToSavepoint,
    PrepareTransaction,
    CommitPrepared,
    RollbackPrepared,
}

public sealed record TransactionStatement(TransactionCommand Command) : Statement
{
    public TransactionModes? Modes { get; init; }

    /// <summary>AND CHAIN</summary>
    public bool Chain { get; init; }

    /// <summary>The savepoint's name, or the identifier of a prepared transaction.</summary>
    public string? Name { get; init; }
}

/// <summary>SET CONSTRAINTS ALL | names DEFERRED | IMMEDIATE; empty is ALL.</summary>
public sealed record SetConstraintsStatement(IReadOnlyList<QualifiedName> Constraints, bool Deferred) : Statement;

// Settings

public enum SetScope { Session, Local }

/// <summary>A value in SET's list: a word, a string or a number; for SET TIME ZONE INTERVAL also an expression.</summary>
public sealed record SetValue(OptionValueKind Kind, string Text) : SyntaxNode
{
    /// <summary>SET TIME ZONE INTERVAL '…': the cast.</summary>
    public Expression? Interval { get; init; }
}

/// <summary>
/// SET name = values. A null list is DEFAULT; FROM CURRENT has <see cref="FromCurrent"/>. SET TIME ZONE is the name "timezone" (LOCAL and DEFAULT are
/// the null list), SET NAMES "client_encoding", SET ROLE "role", SET SESSION AUTHORIZATION "session_authorization", SET SCHEMA "search_path", SET
/// CATALOG is refused as PostgreSQL refuses it, SET XML OPTION "xmloption". Names are as written: parts joined by a point, folded.
/// </summary>
public sealed record SetStatement(string Name, IReadOnlyList<SetValue>? Values, SetScope Scope) : Statement
{
    public bool FromCurrent { get; init; }
}

/// <summary>SET [LOCAL] TRANSACTION modes, or with <see cref="IsSessionCharacteristics"/> SET SESSION CHARACTERISTICS AS TRANSACTION modes.</summary>
public sealed record SetTransactionStatement(TransactionModes Modes) : Statement
{
    public bool IsSessionCharacteristics { get; init; }

    /// <summary>SET TRANSACTION SNAPSHOT 'id'</summary>
    public string? Snapshot { get; init; }
}

/// <summary>SHOW name; SHOW ALL is the name "all". TIME ZONE, TRANSACTION ISOLATION LEVEL and SESSION AUTHORIZATION arrive as the settings' names.</summary>
public sealed record ShowStatement(string Name) : Statement;

/// <summary>RESET name; RESET ALL is the name "all".</summary>
public sealed record ResetStatement(string Name) : Statement;

/// <summary>ALTER SYSTEM SET | RESET</summary>
public sealed record AlterSystemStatement(Statement Setting) : Statement;

public enum DiscardKind { All, Plans, Sequences, Temporary }

public sealed record DiscardStatement(DiscardKind Kind) : Statement;

// Prepared statements

/// <summary>PREPARE name [(types)] AS statement</summary>
public sealed record PrepareStatement(string Name, IReadOnlyList<TypeName> ParameterTypes, Statement Query) : Statement;

public sealed record ExecuteStatement(string Name, IReadOnlyList<Expression> Arguments) : Statement;

/// <summary>DEALLOCATE name, or ALL if null.</summary>
public sealed record DeallocateStatement(string? Name) : Statement;

// Cursors

public sealed record DeclareCursorStatement(string Name, SelectStatement Query) : Statement
{
    public bool IsBinary { get; init; }

    /// <summary>SCROLL, NO SCROLL, or neither.</summary>
    public bool? Scroll { get; init; }

    /// <summary>INSENSITIVE, ASENSITIVE, or neither.</summary>
    public bool? Insensitive { get; init; }
    public bool WithHold { get; init; }
}

public enum FetchDirection
{
    /// <summary>Count rows forward.</summary>
    Forward,
    /// <summary>Count rows backward.</summary>
    Backward,
    /// <summary>The row at a place from the start (from the end if negative). FIRST is 1, LAST is -1.</summary>
    Absolute,
    /// <summary>The row at a distance from here.</summary>
    Relative,
}

/// <summary>FETCH or MOVE; ALL is <see cref="All"/>.</summary>
public sealed record FetchStatement(string Cursor, FetchDirection Direction, long Count, bool IsMove) : Statement
{
    public const long All = long.MaxValue;
}

/// <summary>CLOSE name, or ALL if null.</summary>
public sealed record CloseStatement(string? Name) : Statement;

// Explain

/// <summary>EXPLAIN in either syntax; options of the old one arrive as "analyze" and "verbose".</summary>
public sealed record ExplainStatement(IReadOnlyList<Option> Options, Statement Statement) : Statement;

// COPY

public enum CopyTarget { Stdin, Stdout, File, Program }

public sealed record CopyStatement(bool IsFrom, CopyTarget Target) : Statement
{
    /// <summary>Exactly one of Table and Query.</summary>
    public QualifiedName? Table { get; init; }
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>SELECT, or INSERT, UPDATE, DELETE with RETURNING.</summary>
    public Statement? Query { get; init; }

    /// <summary>The path or the command.</summary>
    public string? FileName { get; init; }

    /// <summary>Options of either syntax under the new syntax's names: format, delimiter, null, header, quote, escape, force_quote, force_not_null,
    /// force_null, encoding, freeze.</summary>
    public IReadOnlyList<Option> Options { get; init; } = [];
    public Expression? Where { get; init; }
}

// Maintenance

/// <summary>A relation with some columns, of VACUUM and ANALYZE.</summary>
public sealed record MaintenanceTarget(QualifiedName Table, IReadOnlyList<string> Columns) : SyntaxNode;

/// <summary>VACUUM; the old syntax's words arrive as options full, freeze, verbose, analyze.</summary>
public sealed record VacuumStatement(IReadOnlyList<Option> Options, IReadOnlyList<MaintenanceTarget> Targets) : Statement;

public sealed record AnalyzeStatement(IReadOnlyList<Option> Options, IReadOnlyList<MaintenanceTarget> Targets) : Statement;

public sealed record ClusterStatement(QualifiedName? Table, string? Index, IReadOnlyList<Option> Options) : Statement;

public enum ReindexKind { Index, Table, Schema, System, Database }

public sealed record ReindexStatement(ReindexKind Kind, QualifiedName Name, bool Concurrently, IReadOnlyList<Option> Options) : Statement;

public sealed record CheckpointStatement : Statement;

public sealed record LoadStatement(string Library) : Statement;

// Notification

public sealed record ListenStatement(string Channel) : Statement;

/// <summary>UNLISTEN channel, or * if null.</summary>
public sealed record UnlistenStatement(string? Channel) : Statement;

public sealed record NotifyStatement(string Channel, string? Payload) : Statement;
