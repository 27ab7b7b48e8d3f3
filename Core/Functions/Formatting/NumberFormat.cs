using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>
/// A template of to_char for numbers, read into parts and counted: how many digits before and after the point, where zeros begin and end, where the sign stands.
/// </summary>
internal sealed class NumberFormat
{
    public enum Part { Literal, Nine, Zero, Point, Comma, Group, Currency, Sign, Minus, Plus, PlusMinus, Bracket, Roman, RomanLower, OrdinalLower, OrdinalUpper, Ignored }

    public enum SignPlace { None, Before, After }

    private static readonly (string Text, Part Part)[] Words =
    [
        ("FM", Part.Ignored), ("EEEE", Part.Ignored), ("MI", Part.Minus), ("PL", Part.Plus), ("PR", Part.Bracket), ("RN", Part.Roman), ("SG", Part.PlusMinus), ("SP", Part.Ignored),
        ("TH", Part.OrdinalUpper), ("B", Part.Ignored), ("C", Part.Ignored), ("D", Part.Point), ("G", Part.Group), ("L", Part.Currency), ("S", Part.Sign), ("V", Part.Ignored),
        (",", Part.Comma), (".", Part.Point), ("0", Part.Zero), ("9", Part.Nine),
    ];

    private bool _hasDecimal;
    private bool _isMultiplied;

    private NumberFormat() { }

    public List<(Part Part, string Text)> Parts { get; } = [];

    /// <summary>Digits before the point, with those that V shifts in.</summary>
    public int Whole { get; private set; }
    public int Fraction { get; private set; }

    /// <summary>Digits that V shifts in.</summary>
    public int Shift { get; private set; }
    public int ZeroStart { get; private set; }
    public int ZeroEnd { get; private set; }
    public bool HasZero { get; private set; }
    public bool HasDecimal => _hasDecimal;
    public bool IsFill { get; private set; }
    public bool IsBracket { get; private set; }
    public bool HasMinus { get; private set; }
    public bool HasPlus { get; private set; }
    public bool IsRoman { get; private set; }
    public bool IsScientific { get; private set; }
    public SignPlace Sign { get; private set; }

    /// <summary>Digits before the S.</summary>
    public int DigitsBeforeSign { get; private set; }

    private static SqlException Error(string message, string? detail = null) => new(SqlState.SyntaxError, message, detail: detail);

    /// <summary>The same template with fewer decimals: floats have only so many digits.</summary>
    public NumberFormat WithFraction(int fraction)
    {
        NumberFormat copy = (NumberFormat)MemberwiseClone();
        copy.Fraction = fraction;
        return copy;
    }

    /// <exception cref="SqlException">42601.</exception>
    public static NumberFormat Parse(string template)
    {
        NumberFormat format = new();
        int at = 0;
        while (at < template.Length)
        {
            char c = template[at];
            if (c == '"')
            {
                at = format.Quoted(template, at + 1);
                continue;
            }
            if (c == '\\' && at + 1 < template.Length && template[at + 1] == '"') at++;
            else if (format.TryWord(template, ref at)) continue;
            int width = char.IsHighSurrogate(template[at]) && at + 1 < template.Length ? 2 : 1;
            format.Parts.Add((Part.Literal, template.Substring(at, width)));
            at += width;
        }
        if (format._isMultiplied) format.Whole += format.Shift;
        return format;
    }

    private int Quoted(string template, int at)
    {
        StringBuilder text = new();
        for (; at < template.Length && template[at] != '"'; at++)
        {
            if (template[at] == '\\' && at + 1 < template.Length) at++;
            text.Append(template[at]);
        }
        Parts.Add((Part.Literal, text.ToString()));
        return Math.Min(at + 1, template.Length);
    }

    private bool TryWord(string template, ref int at)
    {
        foreach ((string text, Part part) in Words)
        {
            // Words are upper case or lower case; RN and TH differ by it.
            bool isUpper = string.CompareOrdinal(template, at, text, 0, text.Length) == 0;
            string lower = text.ToLowerInvariant();
            if (!isUpper && string.CompareOrdinal(template, at, lower, 0, lower.Length) != 0) continue;
            at += text.Length;
            Take(text, !isUpper && part == Part.Roman ? Part.RomanLower : !isUpper && part == Part.OrdinalUpper ? Part.OrdinalLower : part);
            return true;
        }
        return false;
    }

    private void Take(string word, Part part)
    {
        if (IsScientific) throw Error(word == "EEEE" ? "cannot use \"EEEE\" twice" : "\"EEEE\" must be the last pattern used");
        if (part != Part.Ignored) Parts.Add((part, word));
        switch (word)
        {
            case "9": Nine(); break;
            case "0": Zero(); break;
            case "." or "D": Point(); break;
            case "FM": IsFill = true; break;
            case "S": SignWord(); break;
            case "MI":
                if (Sign != SignPlace.None) throw Error("cannot use \"S\" and \"MI\" together");
                HasMinus = true;
                break;
            case "PL":
                if (Sign != SignPlace.None) throw Error("cannot use \"S\" and \"PL\" together");
                HasPlus = true;
                break;
            case "SG":
                if (Sign != SignPlace.None) throw Error("cannot use \"S\" and \"SG\" together");
                HasMinus = HasPlus = true;
                break;
            case "PR":
                if (Sign != SignPlace.None || HasMinus || HasPlus) throw Error("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
                IsBracket = true;
                break;
            case "RN": IsRoman = true; break;
            case "V":
                if (_hasDecimal) throw Error("cannot use \"V\" and decimal point together");
                _isMultiplied = true;
                break;
            case "EEEE":
                if (IsFill || Sign != SignPlace.None || IsBracket || HasMinus || HasPlus || IsRoman || _isMultiplied)
                    throw Error("\"EEEE\" is incompatible with other formats", "\"EEEE\" may only be used together with digit and decimal point patterns.");
                IsScientific = true;
                break;
            default: break;
        }
    }

    private void Nine()
    {
        if (IsBracket) throw Error("\"9\" must be ahead of \"PR\"");
        if (_isMultiplied) Shift++;
        else if (_hasDecimal) Fraction++;
        else Whole++;
    }

    private void Zero()
    {
        if (IsBracket) throw Error("\"0\" must be ahead of \"PR\"");
        if (!HasZero && !_hasDecimal)
        {
            HasZero = true;
            ZeroStart = Whole + 1;
        }
        if (_hasDecimal) Fraction++;
        else Whole++;
        ZeroEnd = Whole + Fraction;
    }

    private void Point()
    {
        if (_hasDecimal) throw Error("multiple decimal points");
        if (_isMultiplied) throw Error("cannot use \"V\" and decimal point together");
        _hasDecimal = true;
    }

    private void SignWord()
    {
        if (Sign != SignPlace.None) throw Error("cannot use \"S\" twice");
        if (HasPlus || HasMinus || IsBracket) throw Error("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
        Sign = _hasDecimal ? SignPlace.After : SignPlace.Before;
        if (!_hasDecimal) DigitsBeforeSign = Whole;
    }
}
