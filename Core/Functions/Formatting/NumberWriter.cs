using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>
/// Lays digits into a <see cref="NumberFormat"/>, place by place: blanks or zeros before the number, its digits, the sign where the template or the first digit puts it.
/// </summary>
internal sealed class NumberWriter
{
    private readonly NumberFormat _format;
    private readonly StringBuilder _output = new();
    private readonly string _digits;
    private readonly bool _isNegative;
    private readonly int _blanks;
    private readonly int _places;
    private readonly int _lastRelevant = -1;
    private readonly int _zeroStart;
    private readonly bool _isBracket;
    private readonly NumberFormat.SignPlace _sign;
    private int _place;
    private int _at;
    private bool _signWritten;
    private bool _inNumber;

    /// <param name="digits">The magnitude's text, with a point if there are decimals; as many as the template has.</param>
    private NumberWriter(NumberFormat format, string digits, bool isNegative)
    {
        _format = format;
        _isNegative = isNegative;
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        int whole = point < 0 ? digits.Length : point;
        _blanks = Math.Max(format.Whole - whole, 0);
        _digits = whole > format.Whole ? new string('#', format.Whole) + '.' + new string('#', format.Fraction) : digits;
        _zeroStart = format.ZeroStart > 0 ? format.ZeroStart - 1 : 0;
        _isBracket = format.IsBracket;
        _sign = format.Sign;
        if (format.HasPlus || format.HasMinus) _signWritten = format.HasMinus || !format.HasPlus;
        else
        {
            if (!isNegative && format.IsFill) _isBracket = false;
            _signWritten = !isNegative && format.IsFill && _sign == NumberFormat.SignPlace.None;
            if (_sign == NumberFormat.SignPlace.Before && format.Whole == format.DigitsBeforeSign) _sign = NumberFormat.SignPlace.After;
        }
        _places = format.Fraction + format.Whole - 1;
        if (format.IsFill && format.HasDecimal) _lastRelevant = LastRelevant();
        if (!_signWritten && _blanks == 0) _places++;
    }

    /// <summary>The last decimal that isn't 0, or that the template wants shown.</summary>
    private int LastRelevant()
    {
        int point = _digits.IndexOf('.', StringComparison.Ordinal);
        if (point < 0) return -1;
        int last = _digits.AsSpan().LastIndexOfAnyExcept('0');
        last = Math.Max(last, point);
        if (_format.ZeroEnd > _blanks) last = Math.Max(last, Math.Min(_digits.Length - 1, _format.ZeroEnd - _blanks));
        return last;
    }

    public static string Write(NumberFormat format, string digits, bool isNegative)
    {
        NumberWriter writer = new(format, digits, isNegative);
        foreach ((NumberFormat.Part part, string text) in format.Parts) writer.Take(part, text);
        return writer._output.ToString();
    }

    private void Take(NumberFormat.Part part, string text)
    {
        bool isFill = _format.IsFill;
        switch (part)
        {
            case NumberFormat.Part.Nine or NumberFormat.Part.Zero or NumberFormat.Part.Point: Place(part == NumberFormat.Part.Zero); break;
            case NumberFormat.Part.Comma or NumberFormat.Part.Group:
                if (_inNumber) _output.Append(',');
                else if (!isFill) _output.Append(' ');
                break;
            case NumberFormat.Part.Currency: _output.Append(' '); break;
            case NumberFormat.Part.Minus:
                if (_isNegative) _output.Append('-');
                else if (!isFill) _output.Append(' ');
                break;
            case NumberFormat.Part.Plus:
                if (!_isNegative) _output.Append('+');
                else if (!isFill) _output.Append(' ');
                break;
            case NumberFormat.Part.PlusMinus: _output.Append(_isNegative ? '-' : '+'); break;
            case NumberFormat.Part.OrdinalLower: Ordinal(upper: false); break;
            case NumberFormat.Part.OrdinalUpper: Ordinal(upper: true); break;
            case NumberFormat.Part.Literal: _output.Append(text); break;
            default: break;
        }
    }

    private void Ordinal(bool upper)
    {
        if (_digits[0] == '#' || _isNegative || _format.HasDecimal) return;
        if (!char.IsAsciiDigit(_digits[^1])) throw new SqlException(SqlState.InvalidTextRepresentation, $"\"{_digits}\" is not a number");
        string ending = OrdinalEnding(_digits);
        _output.Append(upper ? ending.ToUpperInvariant() : ending);
    }

    internal static string OrdinalEnding(string digits)
    {
        bool isTeen = digits.Length > 1 && digits[^2] == '1';
        return isTeen ? "th" : digits[^1] switch { '1' => "st", '2' => "nd", '3' => "rd", _ => "th" };
    }

    private char Digit => _at < _digits.Length ? _digits[_at] : '\0';

    /// <summary>A zero before the point is blank if the template has a fraction and no 0 there.</summary>
    private bool IsBlankZero => !_format.HasZero && _at == 0 && _digits[0] == '0' && _format.Fraction != 0;

    private bool EndsAtPoint => _lastRelevant >= 0 && _digits[_lastRelevant] == '.';

    private void Place(bool isZero)
    {
        if (_format.IsRoman) return;
        if (!_signWritten && (_place >= _blanks || (_format.HasZero && _zeroStart == _place)) && (!IsBlankZero || EndsAtPoint)) WriteSign();
        if (_place < _blanks && (_zeroStart > _place || !_format.HasZero))
        {
            if (!_format.IsFill) _output.Append(' ');
        }
        else if (_format.HasZero && _place < _blanks && _zeroStart <= _place)
        {
            _output.Append('0');
            _inNumber = true;
        }
        else
        {
            WriteDigit(isZero);
            if (_at < _digits.Length) _at++;
        }
        int end = _places + (_blanks > 0 ? 1 : 0) + (_format.HasDecimal ? 1 : 0);
        if (_lastRelevant >= 0 && _lastRelevant == _at) end = _place;
        if (_place + 1 == end)
        {
            if (_signWritten && _isBracket) _output.Append(_isNegative ? '>' : ' ');
            else if (_sign == NumberFormat.SignPlace.After) _output.Append(_isNegative ? '-' : '+');
        }
        _place++;
    }

    private void WriteSign()
    {
        if (_sign != NumberFormat.SignPlace.None)
        {
            if (_sign == NumberFormat.SignPlace.Before) _output.Append(_isNegative ? '-' : '+');
        }
        else if (_isBracket) _output.Append(_isNegative ? '<' : ' ');
        else if (_isNegative) _output.Append('-');
        else if (!_format.IsFill) _output.Append(' ');
        _signWritten = true;
    }

    private void WriteDigit(bool isZero)
    {
        char digit = Digit;
        if (digit == '.')
        {
            if (!EndsAtPoint || _format.IsFill) _output.Append('.');
            return;
        }
        if (_lastRelevant >= 0 && _at > _lastRelevant && !isZero) return;
        if (IsBlankZero)
        {
            if (!_format.IsFill) _output.Append(' ');
            else if (EndsAtPoint) _output.Append('0');
            return;
        }
        if (digit == '\0') return;
        _output.Append(digit);
        _inNumber = true;
    }
}
