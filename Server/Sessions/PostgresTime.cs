namespace VecSql.Server.Sessions;

/// <summary>PostgreSQL counts time in microseconds since 2000-01-01 00:00 UTC.</summary>
public static class PostgresTime
{
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static long Now(TimeProvider clock) => Micros(clock.GetUtcNow());

    public static long Micros(DateTimeOffset time) => (time - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
