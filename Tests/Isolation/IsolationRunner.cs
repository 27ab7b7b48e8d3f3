using System.Globalization;
using System.Text.RegularExpressions;

namespace VecSql.Tests.Isolation;

/// <summary>
/// Runs a case and writes down what each session was told, and when: after every step, each open statement has either ended or is blocked, which the server says by pg_blocking_pids.
/// </summary>
internal sealed class IsolationRunner(int port, bool isPostgres) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private readonly SortedDictionary<string, IsolationSession> _sessions = new(StringComparer.Ordinal);
    private readonly List<string> _log = [];
    private IsolationSession? _control;
    private string _schema = "";

    /// <summary>Runs the case in a schema of its own; returns the lines.</summary>
    public async Task<List<string>> RunAsync(IsolationCase test, string schema)
    {
        _schema = schema;
        _control ??= await IsolationSession.ConnectAsync(port);
        await _control.RunAsync($"CREATE SCHEMA {schema}");
        await _control.RunAsync($"SET search_path = {schema}");
        _log.Clear();
        foreach (IsolationStep step in test.Steps) await RunAsync(step);
        // Whoever still waits hangs in a circle that the script forgot.
        foreach ((string name, IsolationSession session) in _sessions)
        {
            if (session.Pending is not null) _log.Add($"{name}: still waits at the end");
            session.Dispose();
        }
        _sessions.Clear();
        return [.. _log];
    }

    public void Dispose()
    {
        _control?.Dispose();
        foreach (IsolationSession session in _sessions.Values) session.Dispose();
    }

    private async Task RunAsync(IsolationStep step)
    {
        switch (step.Kind)
        {
            case StepKind.Setup:
                string answer = await _control!.RunAsync(step.Text);
                if (answer.Contains("ERROR", StringComparison.Ordinal)) _log.Add($"setup {step.Text}: {answer}");
                break;
            case StepKind.Run or StepKind.RunToEnd or StepKind.PostgresOnly:
                await RunStatementAsync(step);
                break;
            case StepKind.Cancel:
                _log.Add($"cancel {step.Session}");
                await _sessions[step.Session].CancelAsync();
                await FinishAsync(step.Session, _sessions[step.Session]);
                break;
            case StepKind.Kill:
                _log.Add($"kill {step.Session}");
                _sessions[step.Session].Kill();
                _sessions.Remove(step.Session);
                break;
            case StepKind.Await:
                if (_sessions.TryGetValue(step.Session, out IsolationSession? awaited)) await FinishAsync(step.Session, awaited);
                break;
            case StepKind.Differs:
                if (!isPostgres) break;
                string[] lines = step.Text.Split(" => ");
                int place = _log.IndexOf(lines[0]);
                if (place < 0) throw new InvalidOperationException($"PostgreSQL doesn't say '{lines[0]}'\n{string.Join('\n', _log)}");
                _log[place] = lines[1];
                break;
            case StepKind.Sleep:
                await Task.Delay(int.Parse(step.Text, CultureInfo.InvariantCulture));
                break;
        }
        await ShowFinishedAsync();
    }

    private async Task RunStatementAsync(IsolationStep step)
    {
        if (step.Kind == StepKind.PostgresOnly && !isPostgres) return;
        if (!_sessions.TryGetValue(step.Session, out IsolationSession? session))
        {
            _sessions.Add(step.Session, session = await IsolationSession.ConnectAsync(port));
            await session.RunAsync($"SET search_path = {_schema}");
        }
        if (session.Pending is not null) throw new InvalidOperationException($"{step.Session} still waits: {step.Text}\n{string.Join('\n', _log)}");
        string sql = Regex.Replace(step.Text, @"\{pid (\w+)\}", m => _sessions[m.Groups[1].Value].ProcessId.ToString(CultureInfo.InvariantCulture));
        await session.SendAsync(sql);
        if (step.Kind == StepKind.PostgresOnly)
        {
            await session.Pending!;
            session.Pending = null;
            return;
        }
        _log.Add($"{step.Session}> {step.Text}");
        if (step.Kind == StepKind.RunToEnd) await FinishAsync(step.Session, session);
        else if (await EndsAsync(session)) await ShowAsync(step.Session, session);
        else _log.Add($"{step.Session}: waits");
    }

    private async Task FinishAsync(string name, IsolationSession session)
    {
        if (session.Pending is null) return;
        if (await Task.WhenAny(session.Pending, Task.Delay(Patience)) != session.Pending) throw new InvalidOperationException($"{name} doesn't end\n{string.Join('\n', _log)}");
        await ShowAsync(name, session);
    }

    private async Task ShowAsync(string name, IsolationSession session)
    {
        string answer = await session.Pending!;
        _log.Add($"{name}: {answer}");
        session.Pending = null;
        if (!answer.EndsWith("(connection closed)", StringComparison.Ordinal)) return;
        _sessions.Remove(name);
        session.Dispose();
    }

    /// <summary>Shows the statements that have ended meanwhile, by session name; the others wait.</summary>
    private async Task ShowFinishedAsync()
    {
        HashSet<string> ended = [];
        bool changed;
        do
        {
            changed = false;
            foreach ((string name, IsolationSession session) in _sessions)
                if (session.Pending is not null && !ended.Contains(name) && await EndsAsync(session)) changed |= ended.Add(name);
        }
        while (changed);
        foreach (string name in ended.Order(StringComparer.Ordinal)) await ShowAsync(name, _sessions[name]);
    }

    /// <summary>True once the session's statement has ended, false once it is blocked.</summary>
    private async Task<bool> EndsAsync(IsolationSession session)
    {
        Task<string> pending = session.Pending!;
        DateTime end = DateTime.UtcNow + Patience;
        if (!pending.IsCompleted) await Task.WhenAny(pending, Task.Delay(3));
        while (!pending.IsCompleted)
        {
            string answer = await _control!.RunAsync($"SELECT cardinality(pg_blocking_pids({session.ProcessId})) > 0");
            if (pending.IsCompleted) return true;
            if (answer.StartsWith("t;", StringComparison.Ordinal)) return false;
            if (DateTime.UtcNow > end) throw new InvalidOperationException($"neither ended nor blocked: {answer}\n{string.Join('\n', _log)}");
            await Task.WhenAny(pending, Task.Delay(2));
        }
        return true;
    }
}
