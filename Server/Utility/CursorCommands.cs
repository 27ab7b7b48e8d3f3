using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Planner;
using VecSql.Server.Sessions;
using VecSql.Wire;

namespace VecSql.Server.Utility;

/// <summary>DECLARE, FETCH, MOVE, CLOSE.</summary>
internal sealed class CursorCommands(SessionState session) : UtilityFamily(session)
{
    public override IReadOnlyList<ResultColumn>? Describe(Statement statement) =>
        statement is FetchStatement { IsMove: false } fetch ? Find(fetch.Cursor).Columns : null;

    public override ValueTask<CommandResult> RunAsync(UtilityCall call, IResultSink sink, CancellationToken stop) => ValueTask.FromResult(call.Statement switch
    {
        DeclareCursorStatement statement => Declare(statement, call),
        FetchStatement statement => Fetch(statement),
        CloseStatement statement => Close(statement),
        _ => throw Invariant.Unreachable(call.Statement),
    });

    /// <summary>Before a commit: cursors WITH HOLD take all their rows, as their transaction is about to end.</summary>
    public void KeepHeld()
    {
        foreach (CursorPortal cursor in Session.Portals.Values.OfType<CursorPortal>().Where(c => c is { IsHeld: true, IsKept: false })) cursor.Keep();
    }

    private CommandResult Declare(DeclareCursorStatement statement, UtilityCall call)
    {
        if (!statement.WithHold && Session.Transactions.State is BlockState.Idle or BlockState.Implicit)
            throw new SqlException(SqlState.NoActiveSqlTransaction, "DECLARE CURSOR can only be used in transaction blocks");
        if (Session.Portals.ContainsKey(statement.Name)) throw new SqlException(SqlState.DuplicateCursor, $"cursor \"{statement.Name}\" already exists");
        EnterStatement();
        CursorPortal cursor = new(Session, call.Prepared.PlanAndLock(Session), call.Parameters, statement, call.Sql);
        Session.Portals.Add(statement.Name, cursor);
        // It shows the rows as they are now, whenever they are fetched.
        cursor.Open();
        return new CommandResult("DECLARE CURSOR");
    }

    private CommandResult Fetch(FetchStatement statement)
    {
        CursorPortal cursor = Find(statement.Cursor);
        MaterializedRows rows = cursor.Fetch(statement.Direction, statement.Count);
        return statement.IsMove ? new CommandResult($"MOVE {rows.Count}") : new CommandResult($"FETCH {rows.Count}", rows);
    }

    private CommandResult Close(CloseStatement statement)
    {
        if (statement.Name is null)
        {
            foreach ((string name, Portal portal) in Session.Portals.Where(p => p.Value is CursorPortal).ToArray())
            {
                portal.Dispose();
                Session.Portals.Remove(name);
            }
            return new CommandResult("CLOSE CURSOR ALL");
        }
        Find(statement.Name).Dispose();
        Session.Portals.Remove(statement.Name);
        return new CommandResult("CLOSE CURSOR");
    }

    private CursorPortal Find(string name) => Session.Portals.TryGetValue(name, out Portal? portal) && portal is CursorPortal cursor ? cursor
        : throw new SqlException(SqlState.InvalidCursorName, $"cursor \"{name}\" does not exist");
}
