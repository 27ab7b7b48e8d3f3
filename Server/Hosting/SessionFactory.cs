using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Server.Sessions;
using VecSql.Server.Settings;
using VecSql.Storage.Contracts;
using VecSql.Wire;

namespace VecSql.Server.Hosting;

/// <summary>Opens sessions for authenticated clients.</summary>
internal sealed class SessionFactory(ServerState server, ILogger<SessionFactory> log) : ISqlSessionFactory
{
    public string? FindPasswordVerifier(string user) => server.Instance.Shared.FindRole(user)?.PasswordVerifier;

    public ValueTask<ISqlSession> OpenAsync(SessionRequest request, CancellationToken stop)
    {
        if (server.Sessions.Count >= server.Options.MaxConnections)
            throw new SqlException(SqlState.TooManyConnections, "sorry, too many clients already") { IsFatal = true };
        RoleObject role = server.Instance.Shared.FindRole(request.User)
            ?? throw new SqlException(SqlState.InvalidAuthorizationSpecification, $"role \"{request.User}\" does not exist") { IsFatal = true };
        if (!role.CanLogin) throw new SqlException(SqlState.InvalidAuthorizationSpecification, $"role \"{request.User}\" is not permitted to log in") { IsFatal = true };
        DatabaseObject database = server.Instance.Shared.FindDatabase(request.Database)
            ?? throw new SqlException(SqlState.InvalidCatalogName, $"database \"{request.Database}\" does not exist") { IsFatal = true };
        IDatabaseStore store = server.Instance.Open(database.Oid);
        SessionIdentity identity = new(server.Sessions.NextProcessId(), RandomNumberGenerator.GetBytes(request.CancelSecretLength), request.User, database, request.Client, PostgresTime.Now(server.Clock));
        SessionSettings settings = ReadSettings(request, role, database);
        Session session = new(new SessionState(server, store, identity, settings));
        server.Sessions.Add(session);
        log.LogDebug("session {ProcessId} opened for {User} on {Database}", identity.ProcessId, request.User, request.Database);
        return ValueTask.FromResult<ISqlSession>(session);
    }

    public void Cancel(int processId, ReadOnlySpan<byte> secret)
    {
        if (server.Sessions.Find(processId) is { } session && CryptographicOperations.FixedTimeEquals(session.CancelSecret.Span, secret)) session.Cancel();
    }

    private SessionSettings ReadSettings(SessionRequest request, RoleObject role, DatabaseObject database)
    {
        SessionSettings settings = new(server.Settings);
        settings.SetDefault("session_authorization", request.User);
        settings.SetDefault("is_superuser", role.IsSuperuser ? "on" : "off");
        foreach ((string name, string value) in database.Settings.Concat(role.Settings)) SetStored(settings, name, value, log);
        foreach ((string name, string value) in request.Parameters.Concat(StartupOptions.Parse(request.Parameters.GetValueOrDefault("options"))))
        {
            if (name is "options" or "replication" || name.StartsWith("_pq_.", StringComparison.Ordinal)) continue;
            try
            {
                settings.SetDefault(name, value);
            }
            catch (SqlException e)
            {
                throw new SqlException(e.SqlState, e.Message, hint: e.Hint) { IsFatal = true };
            }
        }
        settings.ReportAll();
        return settings;
    }

    /// <summary>ALTER ROLE | DATABASE … SET: a value that is no longer valid must not keep anybody out.</summary>
    private static void SetStored(SessionSettings settings, string name, string value, ILogger log)
    {
        try
        {
            settings.SetDefault(name, value);
        }
        catch (SqlException e)
        {
            log.LogWarning("a stored setting was left out: {Message}", e.Message);
        }
    }
}

/// <summary>The startup packet's "options": -c name=value, --name=value; a backslash escapes a space.</summary>
internal static class StartupOptions
{
    public static IEnumerable<KeyValuePair<string, string>> Parse(string? options)
    {
        if (options is null) yield break;
        string[] words = [.. Words(options)];
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            string? assignment = word == "-c" && i + 1 < words.Length ? words[++i]
                : word.StartsWith("-c", StringComparison.Ordinal) && word.Length > 2 ? word[2..]
                : word.StartsWith("--", StringComparison.Ordinal) ? word[2..].Replace('-', '_')
                : null;
            int equals = assignment?.IndexOf('=', StringComparison.Ordinal) ?? -1;
            if (equals <= 0) throw new SqlException(SqlState.SyntaxError, $"invalid command-line argument for server process: {word}") { IsFatal = true };
            yield return KeyValuePair.Create(assignment![..equals], assignment[(equals + 1)..]);
        }
    }

    private static IEnumerable<string> Words(string text)
    {
        System.Text.StringBuilder word = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length) word.Append(text[++i]);
            else if (!char.IsWhiteSpace(text[i])) word.Append(text[i]);
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }
        if (word.Length > 0) yield return word.ToString();
    }
}
