using System.Globalization;
using VecSql.Core.Errors;
using VecSql.Storage;

namespace VecSql.Server.Settings;

/// <summary>
/// Settings of the whole server that SET changes at once and for all sessions, until the server ends: those that bound what it does beside statements. Not of a transaction: a rollback
/// doesn't take them back. Safe for all threads.
/// </summary>
public sealed class ServerSettings(StorageTuning tuning)
{
    public const string IndexMemory = "vecsql.index_memory", IndexThreads = "vecsql.index_threads", MaintenanceShare = "vecsql.maintenance_share";

    /// <summary>The value in the setting's unit; null if it is a session's own.</summary>
    public string? Find(string name) => name.ToLowerInvariant() switch
    {
        IndexMemory => Text(tuning.IndexMemoryBytes / 1024),
        IndexThreads => Text(tuning.IndexThreads),
        MaintenanceShare => Text(tuning.MaintenanceShare),
        _ => null,
    };

    /// <param name="value">As <see cref="SettingDefinition.Check"/> gave it.</param>
    public void Set(string name, string value)
    {
        long number = long.Parse(value, CultureInfo.InvariantCulture);
        switch (name.ToLowerInvariant())
        {
            case IndexMemory:
                tuning.IndexMemoryBytes = Math.Max(0, number) * 1024;
                break;
            case IndexThreads:
                tuning.IndexThreads = (int)number;
                break;
            case MaintenanceShare:
                tuning.MaintenanceShare = (int)number;
                break;
            default:
                throw Invariant.Unreachable(name);
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
