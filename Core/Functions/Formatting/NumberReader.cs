using System.Text;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>to_number: reads a text by a <see cref="NumberFormat"/>. The template says where digits, separators and signs may stand; what is no part of a number is passed over.</summary>
internal ref struct NumberReader
{
    private readonly NumberFormat _format;
    private readonly ReadOnlySpan<char> _text;
    private readonly StringBuilder _number = new();
    private int _at;
    private int _whole;
    private int _fraction;
    private bool _hasPoint;
    private char _sign;

    private NumberReader(NumberFormat format, ReadOnlySpan<char> text)
    {
        _format = format;
        _text = text;
    }

    private readonly bool WaitsForSign => _sign == '\0' && (_format.Sign != NumberFormat.SignPlace.None || _format.HasMinus || _format.HasPlus);

    private readonly char Current => _at < _text.Length ? _text[_at] : '\0';

    /// <exception cref="SqlException">22P02: nothing that is a number; 22003: more digits than the template has; 0A000: Roman numerals and EEEE.</exception>
    public static NumericValue Read(NumberFormat format, string text)
    {
        if (format.IsRoman) throw new SqlException(SqlState.FeatureNotSupported, "\"RN\" not supported for input");
        if (format.IsScientific) throw new SqlException(SqlState.FeatureNotSupported, "\"EEEE\" not supported for input");
        NumberReader reader = new(format, text);
        foreach ((NumberFormat.Part part, string shown) in format.Parts)
        {
            if (reader._at >= text.Length) break;
            reader.Take(part, shown);
        }
        string digits = (reader._sign == '-' ? "-" : "") + reader._number;
        NumericValue value = NumericText.Parse(Encoding.ASCII.GetBytes(digits.Length == 0 ? " " : digits));
        value = NumericType.Fit(value, (format.Whole + value.Scale << 16 | value.Scale) + 4);
        if (format.Shift == 0) return value;
        NumericValue unit = NumericMath.Power(new NumericValue((Int128)10, 0), new NumericValue((Int128)(-format.Shift), 0));
        return NumericArithmetic.Multiply(value, unit);
    }

    private void Take(NumberFormat.Part part, string shown)
    {
        switch (part)
        {
            case NumberFormat.Part.Nine or NumberFormat.Part.Zero or NumberFormat.Part.Point: Digit(); break;
            case NumberFormat.Part.Comma or NumberFormat.Part.Group:
                if (Current == ',') _at++;
                break;
            case NumberFormat.Part.Minus or NumberFormat.Part.Plus or NumberFormat.Part.PlusMinus:
                if (Current is '-' or '+') _sign = _text[_at++];
                else Skip(1);
                break;
            case NumberFormat.Part.Currency: Skip(1); break;
            case NumberFormat.Part.OrdinalLower or NumberFormat.Part.OrdinalUpper: Skip(2); break;
            case NumberFormat.Part.Literal: Skip(shown.Length); break;
            case NumberFormat.Part.Bracket:
                if (Current == '>') _at++;
                break;
            default: break;
        }
    }

    /// <summary>Passes over what can't belong to the number.</summary>
    private void Skip(int count)
    {
        for (; count > 0 && _at < _text.Length && !char.IsAsciiDigit(Current) && Current is not ('.' or ',' or '+' or '-'); count--) _at++;
    }

    private void Digit()
    {
        if (Current == ' ') _at++;
        if (_sign == '\0' && _whole + _fraction == 0)
        {
            if (Current is '-' or '+') _sign = _text[_at++];
            else if (_format.IsBracket && Current == '<')
            {
                _sign = '-';
                _at++;
            }
        }
        if (_at >= _text.Length) return;
        if (char.IsAsciiDigit(Current))
        {
            if (_hasPoint && _fraction == _format.Fraction) return;
            _number.Append(Current);
            _at++;
            if (_hasPoint) _fraction++;
            else _whole++;
        }
        else if (Current == '.' && _format.HasDecimal && !_hasPoint)
        {
            _number.Append('.');
            _hasPoint = true;
            _at++;
        }
        else if (!WaitsForSign || Current is not ('-' or '+')) _at++;
        if (_format.Sign != NumberFormat.SignPlace.None && _sign == '\0' && _whole + _fraction > 0 && Current is ('-' or '+')) _sign = _text[_at++];
    }
}
