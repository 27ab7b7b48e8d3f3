using System.Runtime.CompilerServices;

namespace VecSql.Storage.Memtables;

/// <summary>
/// When a row version was created or deleted, in one 64-bit number:
/// <code>
///   0                              not deleted
///   1 … 2^62                       commit position
///   Aborted                        created by a transaction that failed: no one ever sees it
///   sign | transaction (36) | command (27)   in progress
/// </code>
/// The writer replaces a stamp in progress by the position before it publishes the position, so a reader needs no table of transactions.
/// </summary>
internal static class RowStamp
{
    public const long None = 0;
    public const long Aborted = long.MaxValue;
    public const int CommandBits = 27;
    public const long MaxCommand = (1L << CommandBits) - 1;
    public const long MaxTransaction = (1L << 36) - 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long InProgress(long transaction, long command) => long.MinValue | (transaction << CommandBits) | command;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsInProgress(long stamp) => stamp < 0;

    public static long TransactionOf(long stamp) => (stamp & long.MaxValue) >> CommandBits;
}

/// <summary>What a statement sees: commits up to a position, and its own transaction's earlier commands.</summary>
internal readonly struct Snapshot(long position, long transaction, long command)
{
    // Own stamps lie in [_ownFirst, _ownEnd): one unsigned comparison each.
    private readonly long _ownFirst = RowStamp.InProgress(transaction, 0);

    public long Position => position;
    public long Transaction => transaction;
    public long Command => command;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Happened(long stamp) => stamp >= 0 ? stamp <= position && stamp != RowStamp.None : (ulong)(stamp - _ownFirst) < (ulong)command;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Sees(long created, long deleted) => Happened(created) && !Happened(deleted);
}
