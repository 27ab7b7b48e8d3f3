using System.Globalization;
using System.Text;

namespace VecSql.Wire.Authentication;

/// <summary>
/// The part of SASLprep (RFC 4013) that decides whether two clients send the same password: spaces are made plain, invisible characters dropped, the rest normalized
/// (NFKC). What the profile forbids is taken as it is, as PostgreSQL does.
/// </summary>
internal static class SaslPrep
{
    public static string Prepare(string password)
    {
        if (Ascii.IsValid(password)) return password;
        StringBuilder mapped = new(password.Length);
        foreach (char c in password)
        {
            if (IsDropped(c)) continue;
            mapped.Append(char.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator || c == '\u200B' ? ' ' : c);
        }
        string text = mapped.ToString();
        try
        {
            string prepared = text.Normalize(NormalizationForm.FormKC);
            foreach (char c in prepared)
            {
                if (char.IsControl(c)) return password;
            }
            return prepared.Length == 0 ? password : prepared;
        }
        catch (ArgumentException)
        {
            // Lone surrogates: not text, so nothing to prepare.
            return password;
        }
    }

    /// <summary>RFC 3454, table B.1: commonly mapped to nothing.</summary>
    private static bool IsDropped(char c) =>
        c is '\u00AD' or '\u034F' or '\u1806' or '\u180B' or '\u180C' or '\u180D' or '\u200C' or '\u200D' or '\u2060' or (>= '\uFE00' and <= '\uFE0F') or '\uFEFF';
}
