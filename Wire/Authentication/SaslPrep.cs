using System.Text;
using VecSql.Core.Errors;

namespace VecSql.Wire.Authentication;

/// <summary>
/// The part of SASLprep (RFC 4013) that decides whether two clients send the same password: spaces are made plain, invisible characters dropped.
/// Its normalization (NFKC) isn't to be had in a process with invariant globalization, so only characters that it leaves as they are can be taken.
/// </summary>
internal static class SaslPrep
{
    /// <summary>Ranges of characters that NFKC changes neither alone nor by what stands beside them (Unicode 15; no combining marks).</summary>
    private static readonly (int First, int Last)[] Stable =
    [
        (0x20, 0x7E), (0xA1, 0xA7), (0xA9, 0xA9), (0xAB, 0xAC), (0xAE, 0xAE), (0xB0, 0xB1), (0xB6, 0xB7), (0xBB, 0xBB), (0xBF, 0x131), (0x134, 0x13E), (0x141, 0x148),
        (0x14A, 0x17E), (0x180, 0x1C3), (0x388, 0x38A), (0x38C, 0x38C), (0x38E, 0x3A1), (0x3A3, 0x3CE), (0x400, 0x482), (0x48A, 0x52F), (0x5D0, 0x5EA), (0x621, 0x63A),
        (0x641, 0x64A), (0x2012, 0x2016), (0x2018, 0x2022), (0x20AC, 0x20AC), (0x3041, 0x3096), (0x30A1, 0x30FA), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3),
        (0x1F300, 0x1F64F), (0x1F680, 0x1F6C5), (0x1F900, 0x1F9FF),
    ];

    /// <exception cref="SqlException">0A000: a character that normalization might change. (The client can send a verifier instead, as psql's \password does.)</exception>
    public static string Prepare(string password)
    {
        if (Ascii.IsValid(password)) return password;
        StringBuilder prepared = new(password.Length);
        foreach (Rune rune in password.EnumerateRunes())
        {
            if (IsDropped(rune.Value)) continue;
            int mapped = IsSpace(rune.Value) ? ' ' : rune.Value;
            if (!IsStable(mapped))
                throw SqlException.NotSupported($"character U+{rune.Value:X4} in a password", hint: "Send the password as a SCRAM verifier, as psql's \\password does.");
            prepared.Append(new Rune(mapped));
        }
        // Nothing left is not a valid outcome: then the password is taken as it is.
        return prepared.Length == 0 ? password : prepared.ToString();
    }

    private static bool IsStable(int c)
    {
        foreach ((int first, int last) in Stable)
        {
            if (c <= last) return c >= first;
        }
        return false;
    }

    /// <summary>RFC 3454, table C.1.2.</summary>
    private static bool IsSpace(int c) => c is 0xA0 or 0x1680 or (>= 0x2000 and <= 0x200B) or 0x202F or 0x205F or 0x3000;

    /// <summary>RFC 3454, table B.1: commonly mapped to nothing.</summary>
    private static bool IsDropped(int c) => c is 0xAD or 0x34F or 0x1806 or (>= 0x180B and <= 0x180D) or 0x200C or 0x200D or 0x2060 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF;
}
