using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser.Ast;
using VecSql.Server.Sessions;
using VecSql.Wire;

namespace VecSql.Server.Utility;

/// <summary>Where COPY's bytes come from or go to beside the client: files of the server, for superusers and members of PostgreSQL's roles for it.</summary>
internal static class CopyFiles
{
    private const string FromHint = "COPY FROM instructs the PostgreSQL server process to read a file. You may want a client-side facility such as psql's \\copy.";
    private const string ToHint = "COPY TO instructs the PostgreSQL server process to write a file. You may want a client-side facility such as psql's \\copy.";

    /// <exception cref="SqlException">42501; 0A000 for programs, whoever asks.</exception>
    public static void CheckAllowed(CopyStatement statement, SessionState session)
    {
        if (statement.Target is not (CopyTarget.File or CopyTarget.Program)) return;
        if (session.Catalog.Shared.FindRole(session.CurrentUser) is not { IsSuperuser: true })
        {
            (string role, string what) = statement.Target == CopyTarget.Program ? ("pg_execute_server_program", "COPY to or from an external program")
                : statement.IsFrom ? ("pg_read_server_files", "COPY from a file") : ("pg_write_server_files", "COPY to a file");
            throw new SqlException(SqlState.InsufficientPrivilege, $"must be superuser or have privileges of the {role} role to {what}",
                hint: "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.");
        }
        if (statement.Target == CopyTarget.Program) throw SqlException.NotSupported("COPY with a program of the server", statement.Span.Start);
    }

    public static FileStream OpenRead(string path)
    {
        try
        {
            if (Directory.Exists(path)) throw new SqlException(SqlState.WrongObjectType, $"\"{path}\" is a directory");
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(e, path, "reading", FromHint);
        }
    }

    public static FileStream OpenWrite(string path)
    {
        if (!Path.IsPathRooted(path)) throw new SqlException(SqlState.InvalidName, "relative path not allowed for COPY to file");
        try
        {
            if (Directory.Exists(path)) throw new SqlException(SqlState.WrongObjectType, $"could not open file \"{path}\" for writing: Is a directory");
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(e, path, "writing", ToHint);
        }
    }

    private static SqlException Failure(Exception e, string path, string purpose, string hint) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => new SqlException(SqlState.UndefinedFile, $"could not open file \"{path}\" for {purpose}: No such file or directory", hint: hint),
        UnauthorizedAccessException => new SqlException(SqlState.InsufficientPrivilege, $"could not open file \"{path}\" for {purpose}: Permission denied", hint: hint),
        _ => new SqlException(SqlState.IoError, $"could not open file \"{path}\" for {purpose}: {e.Message}", hint: hint),
    };
}

/// <summary>A file as COPY FROM's input.</summary>
internal sealed class FileCopyInput(FileStream file) : ICopyInput
{
    private readonly byte[] _piece = new byte[1 << 16];

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken stop) => _piece.AsMemory(0, await file.ReadAsync(_piece, stop));
}

/// <summary>Where COPY TO's bytes go: the client, or a file (then the client hears of none).</summary>
internal sealed class CopyDestination(IResultSink sink, FileStream? file) : IAsyncDisposable
{
    public ValueTask BeginAsync(bool isBinary, int columns, CancellationToken stop) => file is null ? sink.BeginCopyOutAsync(isBinary, columns, stop) : ValueTask.CompletedTask;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop) => file is null ? sink.WriteCopyDataAsync(bytes, stop) : file.WriteAsync(bytes, stop);

    public ValueTask EndAsync(CancellationToken stop) => file is null ? sink.EndCopyOutAsync(stop) : new ValueTask(file.FlushAsync(stop));

    public ValueTask DisposeAsync() => file?.DisposeAsync() ?? ValueTask.CompletedTask;
}
