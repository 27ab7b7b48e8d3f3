using System.Text;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Copy;

public enum CopyFormat { Text, Csv, Binary }

public enum CopyHeader { None, Present, Match }

/// <summary>A column that COPY reads or writes.</summary>
public sealed record CopyColumn(string Name, SqlType Type);

/// <summary>COPY's options, checked. Bytes are UTF-8.</summary>
public sealed record CopyOptions
{
    private static readonly HashSet<string> Known =
        ["format", "freeze", "delimiter", "null", "header", "quote", "escape", "force_quote", "force_not_null", "force_null", "encoding"];

    public CopyFormat Format { get; init; }
    public byte Delimiter { get; init; } = (byte)'\t';
    public byte[] NullText { get; init; } = "\\N"u8.ToArray();
    public CopyHeader Header { get; init; }
    public byte Quote { get; init; } = (byte)'"';
    public byte Escape { get; init; } = (byte)'"';

    /// <summary>By column: always quoted (TO); never NULL (FROM); NULL also when quoted (FROM). Empty: none.</summary>
    public bool[] ForceQuote { get; init; } = [];
    public bool[] ForceNotNull { get; init; } = [];
    public bool[] ForceNull { get; init; } = [];

    /// <summary>Reads the statement's options.</summary>
    /// <exception cref="SqlException">42601, 22023, 0A000, 42P10, worded as PostgreSQL's.</exception>
    public static CopyOptions FromSyntax(IReadOnlyList<Option> options, bool isFrom, IReadOnlyList<CopyColumn> columns)
    {
        Dictionary<string, OptionValue?> byName = [];
        foreach (Option option in options)
        {
            if (!Known.Contains(option.Name)) throw new SqlException(SqlState.SyntaxError, $"option \"{option.Name}\" not recognized");
            if (!byName.TryAdd(option.Name, option.Value)) throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options");
        }
        string formatName = Text(byName, "format") ?? "text";
        CopyFormat format = formatName switch
        {
            "text" => CopyFormat.Text,
            "csv" => CopyFormat.Csv,
            "binary" => CopyFormat.Binary,
            _ => throw new SqlException(SqlState.InvalidParameterValue, $"COPY format \"{formatName}\" not recognized"),
        };
        if (Text(byName, "encoding") is { } encoding && encoding.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() is not ("UTF8" or "UNICODE"))
            throw SqlException.NotSupported($"COPY encoding \"{encoding}\"");
        CheckApplicable(byName, format, isFrom);
        bool isCsv = format == CopyFormat.Csv;
        byte quote = Byte(byName, "quote", "\"");
        CopyOptions result = new()
        {
            Format = format,
            Delimiter = Byte(byName, "delimiter", isCsv ? "," : "\t"),
            NullText = Encoding.UTF8.GetBytes(Text(byName, "null") ?? (isCsv ? "" : "\\N")),
            Header = HeaderOf(byName, isFrom),
            Quote = quote,
            Escape = byName.ContainsKey("escape") ? Byte(byName, "escape", "\"") : quote,
            ForceQuote = Columns(byName, "force_quote", columns),
            ForceNotNull = Columns(byName, "force_not_null", columns),
            ForceNull = Columns(byName, "force_null", columns),
        };
        if (format != CopyFormat.Binary) result.CheckBytes();
        return result;
    }

    private static void CheckApplicable(Dictionary<string, OptionValue?> options, CopyFormat format, bool isFrom)
    {
        void Refuse(string option, string message, string sqlState = SqlState.FeatureNotSupported)
        {
            if (options.ContainsKey(option)) throw new SqlException(sqlState, message);
        }
        if (format == CopyFormat.Binary)
        {
            Refuse("delimiter", "cannot specify DELIMITER in BINARY mode", SqlState.SyntaxError);
            Refuse("null", "cannot specify NULL in BINARY mode", SqlState.SyntaxError);
            Refuse("header", "cannot specify HEADER in BINARY mode");
        }
        if (format != CopyFormat.Csv)
        {
            Refuse("quote", "COPY quote available only in CSV mode");
            Refuse("escape", "COPY escape available only in CSV mode");
            Refuse("force_quote", "COPY force quote available only in CSV mode");
            Refuse("force_not_null", "COPY force not null available only in CSV mode");
            Refuse("force_null", "COPY force null available only in CSV mode");
        }
        if (isFrom) Refuse("force_quote", "COPY force quote only available using COPY TO");
        else
        {
            Refuse("force_not_null", "COPY force not null only available using COPY FROM");
            Refuse("force_null", "COPY force null only available using COPY FROM");
        }
    }

    private void CheckBytes()
    {
        static SqlException Bad(string message) => new(SqlState.InvalidParameterValue, message);
        if (Delimiter is (byte)'\r' or (byte)'\n') throw Bad("COPY delimiter cannot be newline or carriage return");
        if (NullText.AsSpan().IndexOfAny((byte)'\r', (byte)'\n') >= 0) throw Bad("COPY null representation cannot use newline or carriage return");
        if (Format == CopyFormat.Text && "\\.abcdefghijklmnopqrstuvwxyz0123456789"u8.Contains(Delimiter)) throw Bad($"COPY delimiter cannot be \"{(char)Delimiter}\"");
        if (Format == CopyFormat.Csv && Delimiter == Quote) throw Bad("COPY delimiter and quote must be different");
        if (NullText.AsSpan().Contains(Delimiter)) throw Bad("COPY delimiter must not appear in the NULL specification");
        if (Format == CopyFormat.Csv && NullText.AsSpan().Contains(Quote)) throw Bad("CSV quote character must not appear in the NULL specification");
    }

    private static string? Text(Dictionary<string, OptionValue?> options, string name) => options.GetValueOrDefault(name)?.Text;

    private static byte Byte(Dictionary<string, OptionValue?> options, string name, string otherwise)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Text(options, name) ?? otherwise);
        return bytes.Length == 1 ? bytes[0] : throw new SqlException(SqlState.InvalidParameterValue, $"COPY {name} must be a single one-byte character");
    }

    private static CopyHeader HeaderOf(Dictionary<string, OptionValue?> options, bool isFrom)
    {
        if (!options.TryGetValue("header", out OptionValue? value)) return CopyHeader.None;
        return value?.Text.ToLowerInvariant() switch
        {
            null or "true" or "on" or "1" => CopyHeader.Present,
            "false" or "off" or "0" => CopyHeader.None,
            "match" when isFrom => CopyHeader.Match,
            "match" => throw new SqlException(SqlState.FeatureNotSupported, "cannot use \"match\" with HEADER in COPY TO"),
            _ => throw new SqlException(SqlState.SyntaxError, "header requires a Boolean value or \"match\""),
        };
    }

    private static bool[] Columns(Dictionary<string, OptionValue?> options, string name, IReadOnlyList<CopyColumn> columns)
    {
        bool[] result = new bool[columns.Count];
        if (options.GetValueOrDefault(name) is not { } value) return result;
        if (value.Items.Count == 0 && value.Text == "*")
        {
            Array.Fill(result, true);
            return result;
        }
        foreach (OptionValue item in value.Items.Count > 0 ? value.Items : [value])
        {
            int place = columns.Select(c => c.Name).ToList().IndexOf(item.Text);
            if (place < 0) throw new SqlException(SqlState.InvalidColumnReference, $"{name.ToUpperInvariant()} column \"{item.Text}\" not referenced by COPY");
            result[place] = true;
        }
        return result;
    }
}
