using System.Collections.Immutable;
using System.Globalization;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Server.Settings;

/// <summary>
/// The values that one session sees: defaults (server, database, role, startup packet) below what SET changed. Changes follow the transaction: rolled back with it; SET LOCAL ends with it.
/// </summary>
public sealed class SessionSettings
{
    private static readonly StringComparer Names = StringComparer.OrdinalIgnoreCase;

    private readonly Dictionary<string, string> _defaults = new(Names);
    private readonly HashSet<string> _unreported = new(Names);
    private ImmutableDictionary<string, string> _session = ImmutableDictionary.Create<string, string>(Names);
    private ImmutableDictionary<string, string> _local = ImmutableDictionary.Create<string, string>(Names);
    private ImmutableDictionary<string, string>? _beforeTransaction;

    public SessionSettings()
    {
        Display = DisplaySettingsReader.Read(this, new DisplaySettings());
        Statement = StatementSettings.Read(this);
    }

    /// <summary>The settings that shape values.</summary>
    public DisplaySettings Display { get; private set; }

    /// <summary>The settings that every statement asks for.</summary>
    public StatementSettings Statement { get; private set; }

    /// <summary>Grows with every change: part of what a cached plan depends on.</summary>
    public long Version { get; private set; }

    /// <summary>A value that RESET goes back to.</summary>
    public void SetDefault(string name, string value)
    {
        if (SettingDefinitions.Find(name) is null && !name.Contains('.', StringComparison.Ordinal)) throw Unknown(name);
        _defaults[CanonicalName(name)] = CheckedValue(name, value);
        Changed(name);
    }

    /// <summary>The raw value; null if there is no such setting.</summary>
    public string? Find(string name)
    {
        if (_local.TryGetValue(name, out string? value) || _session.TryGetValue(name, out value) || _defaults.TryGetValue(name, out value)) return value;
        return SettingDefinitions.Find(name)?.Default;
    }

    /// <summary>The value as SHOW writes it.</summary>
    /// <exception cref="SqlException">42704.</exception>
    public string Show(string name) => Find(name) is { } value ? SettingValue.Show(value, SettingDefinitions.Find(name)?.Unit) : throw Unknown(name);

    /// <summary>What RESET would bring; null if there is no such setting.</summary>
    public string? ResetValue(string name) => _defaults.TryGetValue(name, out string? value) ? value : SettingDefinitions.Find(name)?.Default;

    /// <summary>Where the value comes from, as pg_settings.source says it.</summary>
    public string SourceOf(string name) => _local.ContainsKey(name) || _session.ContainsKey(name) ? "session" : _defaults.ContainsKey(name) ? "client" : "default";

    public bool GetBool(string name) => Find(name) == "on";
    public int GetInt(string name) => (int)double.Parse(Find(name) ?? throw Unknown(name), CultureInfo.InvariantCulture);
    public double GetReal(string name) => double.Parse(Find(name) ?? throw Unknown(name), CultureInfo.InvariantCulture);

    /// <summary>SET or SET LOCAL. A custom name (with a dot) needs no definition.</summary>
    /// <exception cref="SqlException">42704, 22023, 55P02.</exception>
    public void Set(string name, string value, bool isLocal)
    {
        SettingDefinition? definition = SettingDefinitions.Find(name);
        if (definition is null && !name.Contains('.', StringComparison.Ordinal)) throw Unknown(name);
        if (SettingDefinitions.ReservedPrefixOf(name) is { } prefix)
            throw new SqlException(SqlState.InvalidName, $"invalid configuration parameter name \"{name}\"", detail: $"\"{prefix}\" is a reserved prefix.");
        string? refusal = definition?.Context switch
        {
            SettingContext.Internal => "cannot be changed",
            SettingContext.Postmaster => "cannot be changed without restarting the server",
            SettingContext.Sighup => "cannot be changed now",
            SettingContext.Backend or SettingContext.SuperuserBackend => "cannot be set after connection start",
            _ => null,
        };
        if (refusal is not null) throw new SqlException(SqlState.CantChangeRuntimeParam, $"parameter \"{definition!.Name}\" {refusal}");
        string kept = CheckedValue(name, value);
        string canonical = CanonicalName(name);
        if (isLocal) _local = _local.SetItem(canonical, kept);
        else
        {
            _session = _session.SetItem(canonical, kept);
            _local = _local.Remove(canonical);
        }
        Changed(canonical);
    }

    public void Reset(string name, bool isLocal = false)
    {
        if (SettingDefinitions.Find(name) is null && Find(name) is null) throw Unknown(name);
        if (!isLocal) _session = _session.Remove(name);
        _local = isLocal ? _local.SetItem(name, _defaults.GetValueOrDefault(name) ?? SettingDefinitions.Find(name)!.Default) : _local.Remove(name);
        Changed(name);
    }

    public void ResetAll()
    {
        Restore(_session.Clear(), _local.Clear());
    }

    /// <summary>What to go back to if the (sub)transaction fails.</summary>
    public SettingsMark Mark()
    {
        _beforeTransaction ??= _session;
        return new SettingsMark(_session, _local);
    }

    /// <summary>Undoes changes since the mark.</summary>
    public void RollbackTo(SettingsMark mark) => Restore(mark.Session, mark.Local);

    /// <summary>The transaction ended: SET LOCAL's values go; on failure SET's go too.</summary>
    public void EndTransaction(bool committed)
    {
        Restore(committed || _beforeTransaction is null ? _session : _beforeTransaction, _local.Clear());
        _beforeTransaction = null;
    }

    /// <summary>A new client is told of all reported settings.</summary>
    public void ReportAll() => _unreported.UnionWith(SettingDefinitions.All.Where(d => d.IsReported).Select(d => d.Name));

    /// <summary>Reported settings changed since the last call.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> TakeReported()
    {
        if (_unreported.Count == 0) return [];
        List<KeyValuePair<string, string>> changed = [.. _unreported.Select(name => KeyValuePair.Create(SettingDefinitions.Find(name)!.Name, Show(name)))];
        _unreported.Clear();
        return changed;
    }

    public IEnumerable<string> AllNames => SettingDefinitions.All.Select(d => d.Name).Concat(_session.Keys.Where(k => SettingDefinitions.Find(k) is null));

    private void Restore(ImmutableDictionary<string, string> session, ImmutableDictionary<string, string> local)
    {
        if (ReferenceEquals(session, _session) && ReferenceEquals(local, _local)) return;
        List<string> touched = [.. _session.Keys.Concat(_local.Keys).Concat(session.Keys).Concat(local.Keys).Distinct(Names)];
        Dictionary<string, string?> before = touched.ToDictionary(name => name, Find, Names);
        _session = session;
        _local = local;
        foreach (string name in touched)
            if (before[name] != Find(name)) Changed(name);
    }

    private void Changed(string name)
    {
        Version++;
        if (SettingDefinitions.Find(name) is { IsReported: true }) _unreported.Add(name);
        Display = DisplaySettingsReader.Read(this, Display);
        Statement = StatementSettings.Read(this);
    }

    private string CheckedValue(string name, string value)
    {
        if (DisplaySettingsReader.TryNormalize(this, name, value, out string normalized)) return normalized;
        return SettingDefinitions.Find(name)?.Check(value) ?? value;
    }

    private static string CanonicalName(string name) => SettingDefinitions.Find(name)?.Name ?? name;

    private static SqlException Unknown(string name) => new(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");
}

/// <summary>A state of a session's settings to return to.</summary>
public sealed record SettingsMark(ImmutableDictionary<string, string> Session, ImmutableDictionary<string, string> Local);
