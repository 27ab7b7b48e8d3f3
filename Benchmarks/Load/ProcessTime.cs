namespace VecSql.Benchmarks.Load;

/// <summary>CPU time of a server: what a statement costs, however busy the machine is with other things.</summary>
internal static class ProcessTime
{
    private const int FirstTime = 11, Times = 4;
    private const double TicksPerSecond = 100;

    /// <summary>Seconds of CPU that the process and its children that have ended took: PostgreSQL's sessions count once they are closed.</summary>
    public static double Seconds(int processId)
    {
        string stat = File.ReadAllText($"/proc/{processId}/stat");
        // After the name in parentheses, which may hold spaces: state, then numbers; utime, stime, cutime and cstime are the 11th to 14th of these.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields.Skip(FirstTime).Take(Times).Sum(long.Parse) / TicksPerSecond;
    }
}
