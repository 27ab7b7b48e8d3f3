using System.Globalization;

namespace VecSql.Core.Catalog;

/// <summary>Values of WITH (…), which the catalog keeps as they were written.</summary>
public static class StorageParameters
{
    /// <summary>A whole number as PostgreSQL reads one: what has a fraction is rounded to the nearest, ties to even.</summary>
    public static bool TryReadInteger(string text, out int value)
    {
        if (int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out value)) return true;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) || !(Math.Abs(real) <= int.MaxValue)) return false;
        value = (int)Math.Round(real, MidpointRounding.ToEven);
        return true;
    }

    /// <summary>The value of a parameter that was checked when it was set.</summary>
    public static int Read(RelationObject relation, string name, int @default) => relation.Options.TryGetValue(name, out string? text) && TryReadInteger(text, out int value) ? value : @default;
}
