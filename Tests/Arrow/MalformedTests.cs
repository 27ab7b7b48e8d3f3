using System.Buffers.Binary;
using VecSql.Arrow;

namespace VecSql.Tests.Arrow;

public class MalformedTests
{
    /// <summary>Damages good files and streams in thousands of ways; whatever is read of them is validated, and rendered if valid.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void DamagedBytes_AreRefusedOrReadable_NeverAnythingElse(int seed, bool file)
    {
        var random = new Random(seed);
        byte[][] good = file ? [Samples.File(Samples.Common()), Samples.File(Samples.Rare())] : [Samples.Stream(Samples.Common()), Samples.Stream(Samples.Rare())];
        int refused = 0, read = 0;
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        const int Rounds = 10_000;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = Damage((byte[])good[round % 2].Clone(), random);
            try
            {
                foreach (var batch in ReadAll(bytes, file)) _ = Rendering.Batch(batch);
                read++;
            }
            catch (ArrowFormatException)
            {
                refused++;
            }
        }
        Assert.True(refused > Rounds / 4 && read > 0, $"{refused} refused, {read} read");
        // A declared length must not be what is allocated: the samples are some 20 KB, and take some 100 KB to read and render.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocatedBefore, 0, Rounds * 2_000_000L);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CutBytes_AreRefused(bool file)
    {
        byte[] good = file ? Samples.File(Samples.Rare()) : Samples.Stream(Samples.Rare());
        for (int length = 0; length < good.Length - 8; length += length < 600 ? 1 : 7)
        {
            byte[] cut = good[..length];
            // A stream may end after any whole message: then it is only shorter.
            if (file) Assert.Throws<ArrowFormatException>(() => ReadAll(cut, file));
            else
            {
                try { Assert.True(ReadAll(cut, file).Count <= 1); }
                catch (ArrowFormatException) { }
            }
        }
    }

    [Fact]
    public void HugeDeclaredLength_InAShortStream_AllocatesLittle()
    {
        byte[] bytes = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0x7F, 1, 2, 3];
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ArrowFormatException>(() => new ArrowStreamReader(new MemoryStream(bytes)));
        Assert.Contains("3 of 2130706432 bytes", error.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void Schema_NestedDeeperThanTheLimit_IsRefused()
    {
        var field = new ArrowField("leaf", ArrowType.Int32);
        for (int i = 0; i < ArrowField.MaxDepth - 1; i++) field = new ArrowField("l", ArrowType.List, true, [field]);
        var schema = new ArrowSchema([field]);
        Assert.Equal(schema, ArrowMessageDecoder.ReadSchema(ArrowMessageEncoder.EncodeSchema(schema).Metadata.Span));
        Assert.Throws<ArgumentException>(() => ArrowMessageEncoder.EncodeSchema(new ArrowSchema([new ArrowField("l", ArrowType.List, true, [field])])));
    }

    /// <summary>Few bytes can say a lot: a child that all levels above refer to twice stands for 2^40 fields, and a chain is as deep as the bytes are long.</summary>
    [Fact]
    public void Schema_ThatUnfoldsFarBeyondItsBytes_IsRefused()
    {
        var field = ArrowMessageDecoder.ReadSchema(NestedStructs(10, 1)).Fields[0];
        for (int level = 1; level < 10; level++) field = field.Children[0];
        Assert.Empty(field.Children);
        Assert.Contains("too often", Assert.Throws<ArrowFormatException>(() => ArrowMessageDecoder.ReadSchema(NestedStructs(40, 2))).Message);
        Assert.Contains("deeper", Assert.Throws<ArrowFormatException>(() => ArrowMessageDecoder.ReadSchema(NestedStructs(200_000, 1))).Message);
    }

    /// <summary>Each reference and number of a schema in turn is bent to every place of the message.</summary>
    [Fact]
    public void Schema_WithAnyWordReplaced_IsRefusedOrRead()
    {
        var schema = new ArrowSchema([new ArrowField("s", ArrowType.Struct, true, [new("a", ArrowType.Struct), new("b", ArrowType.Struct)])]);
        byte[] metadata = ArrowMessageEncoder.EncodeSchema(schema).Metadata.ToArray();
        int refused = 0;
        for (int at = 0; at + 4 <= metadata.Length; at += 4)
        {
            for (int target = 0; target < metadata.Length; target += 2)
            {
                byte[] bent = (byte[])metadata.Clone();
                BinaryPrimitives.WriteInt32LittleEndian(bent.AsSpan(at), target - at);
                try { ArrowMessageDecoder.ReadSchema(bent); }
                catch (ArrowFormatException) { refused++; }
            }
        }
        Assert.True(refused > 100);
    }

    [Fact]
    public void NotAnArrowFile_IsRefused()
    {
        Assert.Contains("not an Arrow file", Assert.Throws<ArrowFormatException>(() => new ArrowFileReader("PAR1 and some more bytes that are no Arrow"u8.ToArray())).Message);
        Assert.Throws<ArrowFormatException>(() => new ArrowFileReader(ReadOnlyMemory<byte>.Empty));
        Assert.Throws<ArrowFormatException>(() => new ArrowStreamReader(Stream.Null));
    }

    [Fact]
    public void Validate_FindsWhatOnlyAScanCan()
    {
        bool[] two = [true, true];
        Refuses("offset 2 is 2", new ArrowArray(ArrowType.Utf8, 2, 0, [default, ArrowBytes.Of(new[] { 0, 9, 2 }), "ab"u8.ToArray()]));
        Refuses("not UTF-8", new ArrowArray(ArrowType.Utf8, 1, 0, [default, ArrowBytes.Of(new[] { 0, 1 }), new byte[] { 0xFF }]));
        Refuses("null count 1", new ArrowArray(ArrowType.Int32, 2, 1, [Samples.Bits(two), new byte[8]]));
        Refuses("index 3", new ArrowArray(ArrowType.Int8, 1, 0, [default, new byte[] { 3 }], null, Samples.Text(ArrowType.Utf8, "a")));
        Refuses("index -1", new ArrowArray(ArrowType.UInt64, 1, 0, [default, ArrowBytes.Of(new[] { ulong.MaxValue })], null, Samples.Text(ArrowType.Utf8, "a")));
        Refuses("run end 1", new ArrowArray(ArrowType.RunEndEncoded, 3, 0, [], [Samples.Fixed(ArrowType.Int16, new short[] { 3, 3 }), Samples.Text(ArrowType.Utf8, "a", "b")]));
        Refuses("runs end at 2", new ArrowArray(ArrowType.RunEndEncoded, 3, 0, [], [Samples.Fixed(ArrowType.Int16, new short[] { 2 }), Samples.Text(ArrowType.Utf8, "a")]));
        Refuses("type id 5", new ArrowArray(new ArrowType.Union(ArrowUnionMode.Sparse, [0]), 1, 0, [new byte[] { 5 }], [Samples.Text(ArrowType.Utf8, "a")]));
        Refuses("is at 1", new ArrowArray(new ArrowType.Union(ArrowUnionMode.Dense, [0]), 1, 0, [new byte[1], ArrowBytes.Of(new[] { 1 })], [Samples.Text(ArrowType.Utf8, "a")]));
        Refuses("takes 2 from 1", new ArrowArray(ArrowType.ListView, 1, 0, [default, ArrowBytes.Of(new[] { 1 }), ArrowBytes.Of(new[] { 2 })], [Samples.Text(ArrowType.Utf8, "a", "b")]));
        Refuses("buffer 4", new ArrowArray(ArrowType.BinaryView, 1, 0, [default, ArrowBytes.Of(new[] { 20, 0, 4, 0 }), new byte[20]]));
        Refuses("prefix", new ArrowArray(ArrowType.BinaryView, 1, 0, [default, ArrowBytes.Of(new[] { 20, 1, 0, 0 }), new byte[20]]));

        var strict = new ArrowSchema([new ArrowField("id", ArrowType.Int32, false)]);
        var batch = new ArrowRecordBatch(strict, 2, [Samples.Fixed(ArrowType.Int32, [1, 2], true, false)]);
        Assert.Contains("\"id\" is not nullable", Assert.Throws<ArrowFormatException>(batch.Validate).Message);

        static void Refuses(string what, ArrowArray array) => Assert.Contains(what, Assert.Throws<ArrowFormatException>(array.Validate).Message);
    }

    [Fact]
    public void Arrays_ThatDoNotFitTheirBuffers_AreNotMade()
    {
        Assert.Throws<ArgumentException>(() => new ArrowArray(ArrowType.Int32, 2, 0, [default, new byte[7]]));
        Assert.Throws<ArgumentException>(() => new ArrowArray(ArrowType.Int32, 9, 1, [new byte[1], new byte[36]]));
        Assert.Throws<ArgumentException>(() => new ArrowArray(ArrowType.Int32, 1, 1, [default, new byte[4]]));
        Assert.Throws<ArgumentException>(() => new ArrowArray(ArrowType.Utf8, 1, 0, [default, ArrowBytes.Of(new[] { 0, 3 }), new byte[2]]));
        Assert.Throws<ArgumentException>(() => new ArrowArray(new ArrowType.FixedSizeList(int.MaxValue), int.MaxValue, 0, [default], [Samples.Fixed(ArrowType.Int32, [1])]));
        Assert.Throws<ArgumentException>(() => new ArrowArray(new ArrowType.FixedSizeBinary(int.MaxValue), int.MaxValue, 0, [default, new byte[8]]));
        Assert.Throws<ArgumentException>(() => new ArrowArray(ArrowType.Struct, 2, 0, [default], [Samples.Fixed(ArrowType.Int32, [1])]));
        Assert.Throws<InvalidOperationException>(() => Samples.Fixed(ArrowType.Int32, [1]).GetValues<long>().Length);
        Assert.Throws<ArgumentException>(() => new ArrowField("m", new ArrowType.Map(), true, [new("k", ArrowType.Utf8)]));
        Assert.Throws<ArgumentException>(() => new ArrowField("d", new ArrowType.Decimal(39, 0)));
    }

    /// <summary>A schema message by hand: a struct in a struct …, where each level refers <paramref name="width"/> times to the one table of the next.</summary>
    private static byte[] NestedStructs(int levels, int width)
    {
        const int MessageTable = 44, SchemaTable = 56, FieldVector = 64, FirstField = 72;
        int levelBytes = 20 + 4 * width, typeTable = FirstField + levels * levelBytes;
        var bytes = new byte[typeTable + 4];
        // Four vtables: of the message (version, kind, header), the schema (fields), a field (kind of type, type, children), an empty table.
        Shorts(4, 10, 12, 4, 6, 8);
        Shorts(16, 8, 8, 0, 4);
        Shorts(24, 16, 16, 0, 0, 4, 8, 0, 12);
        Shorts(40, 4, 4);
        Word(0, MessageTable);
        Word(MessageTable, MessageTable - 4);
        Shorts(MessageTable + 4, 4, 1);
        Word(MessageTable + 8, SchemaTable - (MessageTable + 8));
        Word(SchemaTable, SchemaTable - 16);
        Word(SchemaTable + 4, FieldVector - (SchemaTable + 4));
        Word(FieldVector, 1);
        Word(FieldVector + 4, FirstField - (FieldVector + 4));
        for (int level = 0; level < levels; level++)
        {
            int table = FirstField + level * levelBytes;
            Word(table, table - 24);
            bytes[table + 4] = (byte)ArrowTypeId.Struct;
            Word(table + 8, typeTable - (table + 8));
            Word(table + 12, 4);
            if (level == levels - 1) continue;
            Word(table + 16, width);
            for (int i = 0; i < width; i++) Word(table + 20 + 4 * i, 4 * (width - i));
        }
        Word(typeTable, typeTable - 40);
        return bytes;

        void Word(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        void Shorts(int at, params short[] values)
        {
            for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at + 2 * i), values[i]);
        }
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        // Half the time in the last 4 KB of a file or the first of a stream, where structure stands rather than values.
        int hits = random.Next(1, 4);
        for (int i = 0; i < hits; i++)
        {
            int region = Math.Min(bytes.Length, 6000);
            int at = random.Next(4) switch { 0 => random.Next(region), 1 => bytes.Length - 1 - random.Next(region), _ => random.Next(bytes.Length) };
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2 when at + 4 <= bytes.Length: BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), random.Next(3) switch { 0 => int.MaxValue, 1 => -1, _ => random.Next(-100, 100) }); break;
                case 3 when at + 8 <= bytes.Length: BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), random.Next(3) switch { 0 => long.MaxValue, 1 => long.MinValue, _ => random.NextInt64() }); break;
                default: bytes.AsSpan(at, Math.Min(random.Next(1, 40), bytes.Length - at)).Clear(); break;
            }
        }
        return bytes;
    }

    private static List<ArrowRecordBatch> ReadAll(byte[] bytes, bool file)
    {
        var batches = new List<ArrowRecordBatch>();
        if (file)
        {
            var reader = new ArrowFileReader(bytes);
            for (int i = 0; i < reader.BatchCount; i++) batches.Add(reader.ReadBatch(i));
        }
        else
        {
            var reader = new ArrowStreamReader(new MemoryStream(bytes));
            while (reader.ReadBatch() is { } batch) batches.Add(batch);
        }
        foreach (var batch in batches) batch.Validate();
        return batches;
    }
}
