using System.Buffers.Binary;
using VecSql.Storage.Indexes;

namespace VecSql.Tests.Storage;

/// <summary>The memtable's tree of keys against a sorted set.</summary>
public sealed class KeyTreeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Entries_that_come_and_go_are_found_as_in_a_sorted_set(int seed)
    {
        Random random = new(seed);
        KeyTree tree = new();
        SortedSet<(int Key, long RowId)> model = [];
        byte[] key = new byte[5];
        for (int step = 0; step < 20_000; step++)
        {
            (int Key, long RowId) entry = (random.Next(seed == 1 ? 20 : 3000), random.Next(2000));
            Write(key, entry.Key);
            // More come than go in the first half, more go in the second.
            if (random.Next(3) < (step < 10_000 ? 2 : 1))
            {
                if (model.Add(entry)) tree.Insert(key, entry.RowId);
            }
            else
            {
                if (model.Count > 0 && random.Next(4) > 0) entry = model.GetViewBetween(entry, (int.MaxValue, 0)).FirstOrDefault(model.Max);
                Write(key, entry.Key);
                model.Remove(entry);
                tree.Remove(key, entry.RowId);
            }
            if (step % 500 == 0) Compare(tree, model);
        }
        Compare(tree, model);
    }

    private static void Compare(KeyTree tree, SortedSet<(int Key, long RowId)> model)
    {
        Assert.Equal(model.Count, tree.Count);
        KeyEntry[] entries = new KeyEntry[model.Count + 1];
        Assert.Equal(model.Count, tree.CopyAscending([], long.MinValue, entries));
        Assert.Equal(model, entries.Take(model.Count).Select(e => (Key(tree.KeyOf(e)), e.RowId)));
        Assert.Equal(model.Count, tree.CopyDescending([], 0, fromEnd: true, entries));
        Assert.Equal(model.Reverse(), entries.Take(model.Count).Select(e => (Key(tree.KeyOf(e)), e.RowId)));
        byte[] key = new byte[5];
        long[] rows = new long[model.Count + 1];
        foreach (IGrouping<int, (int Key, long RowId)> equal in model.GroupBy(m => m.Key).Take(50))
        {
            Write(key, equal.Key);
            int found = tree.FindEqual(key, rows);
            Assert.Equal(equal.Select(e => e.RowId), rows.Take(found));
        }
    }

    private static void Write(byte[] key, int value)
    {
        key[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(1), value);
    }

    private static int Key(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt32BigEndian(key[1..]);
}
