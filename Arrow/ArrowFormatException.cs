namespace VecSql.Arrow;

/// <summary>
/// The bytes are not what the Arrow format allows, or are damaged. The only exception that readers and <c>Validate()</c> raise about input;
/// I/O errors of the underlying stream pass through as they are.
/// </summary>
public class ArrowFormatException : Exception
{
    public ArrowFormatException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>The bytes may be fine, but use a part of the Arrow format that this room refuses; the message names it.</summary>
public sealed class ArrowUnsupportedException(string what) : ArrowFormatException($"Arrow {what} is not supported");
