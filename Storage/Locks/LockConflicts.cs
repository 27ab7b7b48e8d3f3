using VecSql.Storage.Contracts;

namespace VecSql.Storage.Locks;

/// <summary>PostgreSQL's two conflict tables (its manual, "Explicit Locking").</summary>
internal static class LockConflicts
{
    // Bit m of entry n: mode n conflicts with mode m.
    private static readonly byte[] Tables = [0x80, 0xC0, 0xF0, 0xF8, 0xEC, 0xFC, 0xFE, 0xFF];
    private static readonly byte[] Rows = [0b1000, 0b1100, 0b1110, 0b1111];

    /// <summary>The modes that conflict with the mode, one bit for each.</summary>
    public static byte Of(TableLockMode mode) => Tables[(int)mode];

    public static bool Conflict(RowLockStrength left, RowLockStrength right) => (Rows[(int)left] >> (int)right & 1) != 0;

    /// <summary>The name in pg_locks and in deadlock reports.</summary>
    public static string NameOf(TableLockMode mode) => mode + "Lock";
}
