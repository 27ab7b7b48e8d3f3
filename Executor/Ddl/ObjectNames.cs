using System.Text;
using VecSql.Core.Catalog;

namespace VecSql.Executor.Ddl;

/// <summary>Names that PostgreSQL would give to what the user left unnamed: t_pkey, t_a_b_key, t_a_seq … within 63 bytes, with a number where taken.</summary>
internal static class ObjectNames
{
    private const int MaxBytes = 63;

    /// <summary>name1_name2_label, the longer of the two names cut first.</summary>
    public static string Make(string first, string? second, string label)
    {
        int overhead = Encoding.UTF8.GetByteCount(label) + 1 + (second is null ? 0 : 1);
        int available = MaxBytes - overhead;
        int firstBytes = Encoding.UTF8.GetByteCount(first), secondBytes = second is null ? 0 : Encoding.UTF8.GetByteCount(second);
        while (firstBytes + secondBytes > available)
        {
            if (firstBytes > secondBytes) firstBytes--;
            else secondBytes--;
        }
        StringBuilder name = new(Clip(first, firstBytes));
        if (second is not null) name.Append('_').Append(Clip(second, secondBytes));
        return name.Append('_').Append(label).ToString();
    }

    /// <summary>The first of name_label, name_label1, name_label2 … that isn't taken.</summary>
    public static string Choose(string first, string? second, string label, Func<string, bool> isTaken)
    {
        string candidate = Make(first, second, label);
        for (int number = 1; isTaken(candidate); number++) candidate = Make(first, second, label + number);
        return candidate;
    }

    /// <summary>A free relation name in the schema.</summary>
    public static string ChooseRelation(CatalogSnapshot catalog, uint schema, string first, string? second, string label) =>
        Choose(first, second, label, name => catalog.FindRelation(schema, name) is not null);

    private static string Clip(string text, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytes) return text;
        int length = text.Length;
        while (length > 0 && (Encoding.UTF8.GetByteCount(text.AsSpan(0, length)) > bytes || char.IsHighSurrogate(text[length - 1]))) length--;
        return text[..length];
    }
}
