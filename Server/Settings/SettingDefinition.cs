using System.Globalization;
using VecSql.Core.Errors;

namespace VecSql.Server.Settings;

public enum SettingType { Bool, Integer, Real, Text, Enum }

/// <summary>Who may change a setting and when, as in pg_settings.context.</summary>
public enum SettingContext { Internal, Postmaster, Sighup, SuperuserBackend, Backend, Superuser, User }

/// <summary>One setting: its type, range, default and meaning. All definitions stand in <see cref="SettingDefinitions"/>.</summary>
public sealed record SettingDefinition(string Name, SettingType Type, string Default, string Category, string Description)
{
    public SettingContext Context { get; init; } = SettingContext.User;
    public double Minimum { get; init; }
    public double Maximum { get; init; } = int.MaxValue;

    /// <summary>The unit that plain numbers count in: "ms", "s", "kB", "MB", "8kB"; null if none.</summary>
    public string? Unit { get; init; }
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Clients are told of its changes (ParameterStatus).</summary>
    public bool IsReported { get; init; }

    /// <summary>Brings a value that was set into the form that is kept and shown.</summary>
    public Func<string, string>? Normalize { get; init; }

    /// <summary>Checks a value and gives the form that is kept.</summary>
    /// <exception cref="SqlException">22023, worded as PostgreSQL's.</exception>
    public string Check(string value)
    {
        switch (Type)
        {
            case SettingType.Bool:
                return SettingValue.TryParseBool(value, out bool flag) ? flag ? "on" : "off" : throw new SqlException(SqlState.InvalidParameterValue,
                    $"parameter \"{Name}\" requires a Boolean value");
            case SettingType.Integer or SettingType.Real:
                return CheckNumber(value);
            case SettingType.Enum:
                string? known = Values.FirstOrDefault(v => v.Equals(value, StringComparison.OrdinalIgnoreCase)) ?? BooleanAlias(value);
                return known ?? throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{Name}\": \"{value}\"",
                    hint: $"Available values: {string.Join(", ", Values)}.");
            default:
                return Normalize is null ? value : Normalize(value);
        }
    }

    private string? BooleanAlias(string value) =>
        Values.Contains("on") && SettingValue.TryParseBool(value, out bool flag) ? flag ? "on" : "off" : null;

    private string CheckNumber(string value)
    {
        if (!SettingValue.TryParseNumber(value, Unit, out double number))
        {
            // Only a wrong unit after a number deserves the hint.
            bool isUnitWrong = Unit is not null && value.TrimStart().TrimStart('+', '-') is [>= '0' and <= '9', ..];
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{Name}\": \"{value}\"", hint: isUnitWrong ? SettingValue.UnitHint(Unit!) : null);
        }
        if (Type == SettingType.Integer)
        {
            number = Math.Round(number, MidpointRounding.ToEven);
            if (number is < int.MinValue or > int.MaxValue)
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{Name}\": \"{value}\"", hint: "Value exceeds integer range.");
        }
        if (number < Minimum || number > Maximum)
        {
            string unit = Unit is null ? "" : " " + Unit;
            throw new SqlException(SqlState.InvalidParameterValue,
                $"{Text(number)}{unit} is outside the valid range for parameter \"{Name}\" ({Text(Minimum)} .. {Text(Maximum)})");
        }
        return Text(number);
    }

    private string Text(double number) => Type == SettingType.Integer ? number.ToString("0", CultureInfo.InvariantCulture) : SettingValue.Real(number);
}

/// <summary>Reading and showing values of settings.</summary>
public static class SettingValue
{
    private static readonly string[] TrueWords = ["on", "true", "yes", "1"];
    private static readonly string[] FalseWords = ["off", "false", "no", "0"];

    /// <summary>on/off, true/false, yes/no, 1/0 and their unambiguous beginnings.</summary>
    public static bool TryParseBool(string text, out bool value)
    {
        string word = text.Trim().ToLowerInvariant();
        value = word.Length > 0 && word != "o" && TrueWords.Any(w => w.StartsWith(word, StringComparison.Ordinal));
        return value || (word.Length > 0 && word != "o" && FalseWords.Any(w => w.StartsWith(word, StringComparison.Ordinal)));
    }

    /// <summary>A number with an optional unit, in units of <paramref name="baseUnit"/>.</summary>
    public static bool TryParseNumber(string text, string? baseUnit, out double value)
    {
        string trimmed = text.Trim();
        int end = trimmed.Length;
        while (end > 0 && char.IsLetter(trimmed[end - 1]) && !IsExponent(trimmed, end - 1)) end--;
        string unit = trimmed[end..];
        if (!double.TryParse(trimmed[..end].Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out value) || !double.IsFinite(value)) return false;
        if (unit.Length == 0) return true;
        if (baseUnit is null || Factor(unit) is not { } from || Factor(baseUnit) is not { } to || from.IsTime != to.IsTime) return false;
        value = value * from.Size / to.Size;
        return true;
    }

    /// <summary>A kept number as SHOW writes it: in the largest unit that divides it.</summary>
    public static string Show(string value, string? unit)
    {
        if (unit is null || !double.TryParse(value, CultureInfo.InvariantCulture, out double number) || number <= 0 || Factor(unit) is not { } factor) return value;
        string[] units = factor.IsTime ? ["d", "h", "min", "s", "ms"] : ["TB", "GB", "MB", "kB", "B"];
        double size = number * factor.Size;
        foreach (string candidate in units)
        {
            double quotient = size / Factor(candidate)!.Value.Size;
            if (quotient >= 1 && quotient == Math.Floor(quotient)) return quotient.ToString("0", CultureInfo.InvariantCulture) + candidate;
        }
        return value + unit;
    }

    /// <summary>A real number as C's %g writes it.</summary>
    public static string Real(double number) => number.ToString("G6", CultureInfo.InvariantCulture).Replace('E', 'e');

    public static string UnitHint(string unit) => Factor(unit) is { IsTime: true }
        ? "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\"."
        : "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".";

    private static bool IsExponent(string text, int at) => text[at] is 'e' or 'E' && at > 0 && char.IsDigit(text[at - 1]) && at + 1 < text.Length;

    private static (bool IsTime, double Size)? Factor(string unit) => unit switch
    {
        "us" => (true, 0.001),
        "ms" => (true, 1),
        "s" => (true, 1_000),
        "min" => (true, 60_000),
        "h" => (true, 3_600_000),
        "d" => (true, 86_400_000),
        "B" => (false, 1),
        "kB" => (false, 1024),
        "8kB" => (false, 8192),
        "MB" => (false, 1024 * 1024),
        "GB" => (false, 1024.0 * 1024 * 1024),
        "TB" => (false, 1024.0 * 1024 * 1024 * 1024),
        _ => null,
    };
}
