using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>Comparison, hash and keys of jsonb, and containment.</summary>
internal static class JsonbOrder
{
    private static readonly NumericType Numbers = new();

    /// <summary>PostgreSQL's order of kinds: null, string, number, boolean, array, object.</summary>
    private static int Rank(JsonbTag tag) =>
        tag switch { JsonbTag.Null => 1, JsonbTag.String => 2, JsonbTag.Number => 3, JsonbTag.False or JsonbTag.True => 4, JsonbTag.Array => 5, _ => 6 };

    /// <summary>
    /// Order of whole values. A scalar at the top counts as an array of one, below arrays of one element (so the empty array comes before every scalar).
    /// </summary>
    public static int Compare(JsonbValue left, JsonbValue right)
    {
        if (left.IsObject || right.IsObject) return left.IsObject && right.IsObject ? CompareInner(left, right) : left.IsObject ? 1 : -1;
        if (left.IsArray && right.IsArray) return CompareInner(left, right);
        if (!left.IsArray && !right.IsArray) return CompareInner(left, right);
        int leftCount = left.IsArray ? left.Count : 1, rightCount = right.IsArray ? right.Count : 1;
        if (leftCount != rightCount) return leftCount.CompareTo(rightCount);
        return left.IsArray ? 1 : -1;
    }

    private static int CompareInner(JsonbValue left, JsonbValue right)
    {
        StackGuard.Check();
        int rank = Rank(left.Tag).CompareTo(Rank(right.Tag));
        if (rank != 0) return rank;
        switch (left.Tag)
        {
            case JsonbTag.Null: return 0;
            case JsonbTag.String: return left.Text.SequenceCompareTo(right.Text);
            case JsonbTag.Number: return NumericArithmetic.Compare(left.Payload, right.Payload);
            case JsonbTag.False or JsonbTag.True: return left.Tag.CompareTo(right.Tag);
        }
        if (left.Count != right.Count) return left.Count.CompareTo(right.Count);
        for (int i = 0; i < left.Count; i++)
        {
            int order = left.IsObject ? left.Key(i).SequenceCompareTo(right.Key(i)) : 0;
            if (order == 0) order = left.IsObject ? CompareInner(left.ValueAt(i), right.ValueAt(i)) : CompareInner(left.Element(i), right.Element(i));
            if (order != 0) return order;
        }
        return 0;
    }

    public static ulong Hash(JsonbValue value)
    {
        StackGuard.Check();
        ulong hash = (ulong)Rank(value.Tag);
        switch (value.Tag)
        {
            case JsonbTag.String: return KeyHash.Combine(hash, KeyHash.Of(value.Text));
            case JsonbTag.Number: return KeyHash.Combine(hash, NumericType.HashOf(value.Number));
            case JsonbTag.True: return KeyHash.Combine(hash, 1);
        }
        for (int i = 0; i < value.Count; i++)
        {
            if (value.IsObject) hash = KeyHash.Combine(hash, KeyHash.Of(value.Key(i)));
            hash = KeyHash.Combine(hash, Hash(value.IsObject ? value.ValueAt(i) : value.Element(i)));
        }
        return hash;
    }

    /// <summary>A key that sorts like <see cref="Compare"/>: kind, number of elements, a scalar's mark at the top, then the parts.</summary>
    public static void EncodeKey(JsonbValue value, ByteBuffer key)
    {
        if (value.IsContainer) EncodeContainer(value, key, isTop: true);
        else
        {
            key.WriteByte((byte)Rank(JsonbTag.Array));
            key.WriteUInt32BigEndian(1);
            key.WriteByte(0);
            EncodeInner(value, key);
        }
    }

    private static void EncodeContainer(JsonbValue value, ByteBuffer key, bool isTop)
    {
        StackGuard.Check();
        key.WriteByte((byte)Rank(value.Tag));
        key.WriteUInt32BigEndian((uint)value.Count);
        if (isTop) key.WriteByte(1);
        for (int i = 0; i < value.Count; i++)
        {
            if (value.IsObject) BytesType.WriteKey(value.Key(i), key);
            EncodeInner(value.IsObject ? value.ValueAt(i) : value.Element(i), key);
        }
    }

    private static void EncodeInner(JsonbValue value, ByteBuffer key)
    {
        if (value.IsContainer)
        {
            EncodeContainer(value, key, isTop: false);
            return;
        }
        key.WriteByte((byte)Rank(value.Tag));
        if (value.Tag == JsonbTag.String) BytesType.WriteKey(value.Text, key);
        else if (value.Tag is JsonbTag.False or JsonbTag.True) key.WriteByte(value.Tag == JsonbTag.True ? (byte)1 : (byte)0);
        else if (value.Tag == JsonbTag.Number)
        {
            byte[] offsets = new byte[2 * sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(offsets.AsSpan(sizeof(int)), value.Payload.Length);
            Numbers.EncodeKey(new BytesColumn(offsets, value.Payload.ToArray(), default, 1), 0, key);
        }
    }

    /// <summary>left @&gt; right. An array contains a scalar that is one of its elements.</summary>
    public static bool Contains(JsonbValue left, JsonbValue right)
    {
        if (left.IsObject || right.IsObject) return left.IsObject && right.IsObject && ContainsInner(left, right);
        if (right.IsArray) return left.IsArray && ContainsInner(left, right);
        return left.IsArray ? HasElement(left, right) : CompareInner(left, right) == 0;
    }

    private static bool ContainsInner(JsonbValue left, JsonbValue right)
    {
        StackGuard.Check();
        if (left.IsObject)
        {
            if (left.Count < right.Count) return false;
            for (int i = 0; i < right.Count; i++)
                if (!left.TryGet(right.Key(i), out JsonbValue own) || !Matches(own, right.ValueAt(i))) return false;
            return true;
        }
        for (int i = 0; i < right.Count; i++)
            if (!HasElement(left, right.Element(i))) return false;
        return true;
    }

    private static bool HasElement(JsonbValue array, JsonbValue wanted)
    {
        for (int i = 0; i < array.Count; i++)
            if (Matches(array.Element(i), wanted)) return true;
        return false;
    }

    private static bool Matches(JsonbValue own, JsonbValue wanted)
    {
        if (!wanted.IsContainer) return !own.IsContainer && CompareInner(own, wanted) == 0;
        return own.Tag == wanted.Tag && ContainsInner(own, wanted);
    }
}
