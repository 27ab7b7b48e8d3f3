using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor;
using VecSql.Planner;
using VecSql.Storage.Contracts;
using VecSql.Wire;

namespace VecSql.Server.Sessions;

/// <summary>A statement being run: made by Bind, by DECLARE, or for each statement of a query string.</summary>
public abstract class Portal : IDisposable
{
    /// <summary>Null if it returns no rows.</summary>
    public RowDescription? Description { get; init; }

    /// <summary>All rows were sent.</summary>
    public bool IsFinished { get; protected set; }

    /// <summary>Runs on, sending at most <paramref name="maxRows"/> rows (0: all), then CommandComplete or suspension.</summary>
    public abstract ValueTask RunAsync(int maxRows, IResultSink sink, CancellationToken stop);

    /// <summary>True if it has begun to read the table and may go on.</summary>
    public virtual bool Reads(uint table) => false;

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>A planned query: its rows stream from the executor, in pieces if the client asks for so many at a time.</summary>
public sealed class QueryPortal(SessionState session, QueryPlan plan, Column[] parameters) : Portal
{
    private QueryExecution? _execution;
    private EvalContext? _context;
    private ColumnBatch? _current;
    private int _taken;
    private long _sent;

    public override bool Reads(uint table) => _execution is not null && !IsFinished && plan.Relations.Contains(table);

    public override async ValueTask RunAsync(int maxRows, IResultSink sink, CancellationToken stop)
    {
        _execution ??= Open();
        if (Description is { } description) await sink.BeginRowsAsync(description, stop);
        long left = maxRows > 0 ? maxRows : long.MaxValue;
        while (left > 0 && Next((int)Math.Min(left, ColumnBatch.MaxRows)) is { } batch)
        {
            left -= batch.Count;
            _sent += batch.Count;
            if (Description is not null) await sink.WriteRowsAsync(batch, stop);
        }
        if (left == 0)
        {
            session.Transactions.Current?.KeepSnapshot();
            await sink.SuspendAsync(stop);
            return;
        }
        IsFinished = true;
        await sink.CompleteAsync(Tag(), stop);
    }

    /// <summary>Opens its tables with the current snapshot, which stays readable.</summary>
    public void OpenAndKeepSnapshot()
    {
        _execution ??= Open();
        _execution.OpenTables();
        session.Transactions.Current!.KeepSnapshot();
    }

    /// <summary>The next rows, at most <paramref name="maxRows"/>; null at the end.</summary>
    public ColumnBatch? Next(int maxRows)
    {
        _execution ??= Open();
        // Each FETCH is a statement of its own: what cancels it is its own, too.
        _context!.Cancellation = session.Cancellation;
        session.Transactions.Current!.UseCancellation(session.Settings.Statement.LockTimeoutMs, session.Cancellation);
        if (_current is null || _taken == _current.Count)
        {
            (_current, _taken) = (_execution.Next(), 0);
            if (_current is null) return null;
        }
        int count = Math.Min(maxRows, _current.Count - _taken);
        ColumnBatch part = MaterializedRows.Slice(_current, _taken, count);
        _taken += count;
        return part;
    }

    public override void Dispose()
    {
        _execution?.Dispose();
        base.Dispose();
    }

    private QueryExecution Open()
    {
        ITransaction transaction = session.Transactions.Ensure();
        _context = session.EvalContext(parameters);
        return QueryExecution.Open(plan, transaction, _context, session.ExecutionOptions());
    }

    private string Tag() => plan.Kind switch
    {
        QueryKind.Insert => $"INSERT 0 {_execution!.RowsAffected}",
        QueryKind.Update => $"UPDATE {_execution!.RowsAffected}",
        QueryKind.Delete => $"DELETE {_execution!.RowsAffected}",
        QueryKind.Select => $"SELECT {_sent}",
        _ => throw Invariant.Unreachable(plan.Kind),
    };
}

/// <summary>A statement that runs whole and may show some rows: SHOW, EXPLAIN, FETCH, DDL.</summary>
public sealed class CommandPortal(Func<IResultSink, CancellationToken, ValueTask<CommandResult>> run) : Portal
{
    private CommandResult? _result;
    private long _sent;

    public override async ValueTask RunAsync(int maxRows, IResultSink sink, CancellationToken stop)
    {
        _result ??= await run(sink, stop);
        if (_result.Rows is { } rows && Description is { } description)
        {
            await sink.BeginRowsAsync(description, stop);
            long count = maxRows > 0 ? Math.Min(maxRows, rows.Count - _sent) : rows.Count - _sent;
            foreach (ColumnBatch batch in rows.Range(_sent, count)) await sink.WriteRowsAsync(batch, stop);
            _sent += count;
            if (_sent < rows.Count)
            {
                await sink.SuspendAsync(stop);
                return;
            }
        }
        IsFinished = true;
        await sink.CompleteAsync(_result.Tag, stop);
    }
}

/// <summary>What a utility statement answers.</summary>
public sealed record CommandResult(string Tag, MaterializedRows? Rows = null);

/// <summary>Decoding Bind's parameters.</summary>
internal static class ParameterDecoder
{
    /// <summary>One constant column for each parameter.</summary>
    public static Column[] Decode(BoundValues values, IReadOnlyList<SqlType> types, EvalContext context)
    {
        if (values.Values.Length != types.Count)
        {
            throw new SqlException(SqlState.ProtocolViolation,
                $"bind message supplies {values.Values.Length} parameters, but prepared statement \"\" requires {types.Count}");
        }
        Column[] parameters = new Column[types.Count];
        for (int i = 0; i < parameters.Length; i++)
        {
            TypeHandler handler = TypeHandlers.Of(types[i].Oid, context.Catalog);
            ColumnBuilder builder = ColumnBuilder.Create(handler.Kind, 1);
            if (values.Values.Span[i] is not { } bytes) builder.AppendNull();
            else if (FormatOf(values.Formats.Span, i) == 1) handler.ReadBinary(bytes.Span, types[i], builder, context);
            else handler.ParseText(bytes.Span, types[i], builder, context);
            parameters[i] = builder.BuildConstant(1);
        }
        return parameters;
    }

    /// <summary>None: text; one: for all; else one for each.</summary>
    public static short FormatOf(ReadOnlySpan<short> formats, int place) => formats.Length switch { 0 => 0, 1 => formats[0], _ => formats[place] };
}
