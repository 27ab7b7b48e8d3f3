using System.Globalization;
using VecSql.Core.Errors;

namespace VecSql.Server.Settings;

/// <summary>
/// PostgreSQL 15's settings that have nothing to act on here (accepted.tsv): clients, ORMs, BI tools and dumps set and read them, so they are known with PostgreSQL's type, range, unit and default.
/// </summary>
internal static class AcceptedSettings
{
    private const string Resource = "accepted-settings.tsv", Description = "Known for compatibility; has no effect here.";

    public static IEnumerable<SettingDefinition> Read()
    {
        using Stream stream = typeof(AcceptedSettings).Assembly.GetManifestResourceStream(Resource) ?? throw new InvariantException("missing resource " + Resource);
        using StreamReader reader = new(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line) yield return Definition(line.Split('\t'));
    }

    private static SettingDefinition Definition(string[] fields)
    {
        SettingType type = fields[1] switch { "bool" => SettingType.Bool, "integer" => SettingType.Integer, "real" => SettingType.Real, "enum" => SettingType.Enum, _ => SettingType.Text };
        bool isNumber = type is SettingType.Integer or SettingType.Real;
        return new SettingDefinition(fields[0], type, fields[6], fields[8], Description)
        {
            Context = fields[2] switch
            {
                "internal" => SettingContext.Internal,
                "postmaster" => SettingContext.Postmaster,
                "sighup" => SettingContext.Sighup,
                "superuser-backend" => SettingContext.SuperuserBackend,
                "backend" => SettingContext.Backend,
                "superuser" => SettingContext.Superuser,
                _ => SettingContext.User,
            },
            Unit = fields[3].Length == 0 ? null : fields[3],
            Minimum = isNumber ? Bound(fields[4]) : 0,
            Maximum = isNumber ? Bound(fields[5]) : 0,
            Values = fields[7].Length == 0 ? [] : fields[7].Split(','),
        };
    }

    // PostgreSQL shows the greatest double rounded up, which is none.
    private static double Bound(string text) => text == "1.79769e+308" ? double.MaxValue : double.Parse(text, CultureInfo.InvariantCulture);
}
