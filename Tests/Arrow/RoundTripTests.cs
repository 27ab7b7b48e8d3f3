using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSql.Arrow;

namespace VecSql.Tests.Arrow;

public class RoundTripTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void File_KeepsEveryType(bool common)
    {
        var batch = common ? Samples.Common() : Samples.Rare();
        var reader = new ArrowFileReader(Samples.File(batch, batch));
        Assert.Equal(batch.Schema, reader.Schema);
        Assert.Equal("6", reader.Metadata["rows"]);
        Assert.Equal(2, reader.BatchCount);
        for (int i = 1; i >= 0; i--) AssertSame(batch, reader.ReadBatch(i));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Stream_KeepsEveryType(bool common)
    {
        var batch = common ? Samples.Common() : Samples.Rare();
        var reader = new ArrowStreamReader(new MemoryStream(Samples.Stream(batch, batch)));
        Assert.Equal(batch.Schema, reader.Schema);
        AssertSame(batch, reader.ReadBatch()!);
        AssertSame(batch, reader.ReadBatch()!);
        Assert.Null(reader.ReadBatch());
        Assert.Null(reader.ReadBatch());
    }

    [Fact]
    public void SamplesCoverEveryTypeKind()
    {
        var kinds = new[] { Samples.Common(), Samples.Rare() }.SelectMany(b => b.Schema.Fields).Select(f => f.Type.Id).ToHashSet();
        Assert.Empty(Enum.GetValues<ArrowTypeId>().Except(kinds));
    }

    [Fact]
    public void EmptyBatchesAndSchemas_RoundTrip()
    {
        ArrowField[] fields = [new("t", ArrowType.Utf8), new("l", ArrowType.LargeList, true, [new("item", ArrowType.Int32)]), new("v", new ArrowType.FixedSizeList(3), true, [new("item", ArrowType.Float32)])];
        ArrowArray[] columns =
        [
            new(ArrowType.Utf8, 0, 0, [default, default, default]),
            new(ArrowType.LargeList, 0, 0, [default, default], [new(ArrowType.Int32, 0, 0, [default, default])]),
            new(new ArrowType.FixedSizeList(3), 0, 0, [default], [new(ArrowType.Float32, 0, 0, [default, default])]),
        ];
        var read = new ArrowFileReader(Samples.File(new ArrowRecordBatch(new ArrowSchema(fields), 0, columns))).ReadBatch(0);
        read.Validate();
        Assert.Equal(0, read.Length);
        Assert.Equal([0], read.Columns[0].Offsets32.ToArray());
        Assert.Equal([0L], read.Columns[1].Offsets64.ToArray());

        var none = new ArrowFileReader(Samples.File(new ArrowRecordBatch(new ArrowSchema([]), 5, [])));
        Assert.Equal(5, none.ReadBatch(0).Length);
    }

    [Fact]
    public void LongerBuffersThanNeeded_AreCutOnWriting()
    {
        var field = new ArrowField("t", ArrowType.Utf8);
        var spare = new ArrowArray(ArrowType.Utf8, 2, 0, [new byte[50], ArrowBytes.Of(new[] { 0, 1, 2, 99, 99 }), "abSECRET"u8.ToArray()]);
        byte[] file = Samples.File(new ArrowRecordBatch(new ArrowSchema([field]), 2, [spare]));
        Assert.Equal(-1, file.AsSpan().IndexOf("SECRET"u8));
        Assert.Equal("b", new ArrowFileReader(file).ReadBatch(0).Columns[0].GetString(1));
    }

    [Fact]
    public void Stream_ReplacesADictionary_FileRefuses()
    {
        var field = new ArrowField("d", ArrowType.Utf8, true, null, null, new ArrowDictionaryEncoding(1, ArrowType.Int32));
        var schema = new ArrowSchema([field]);
        ArrowRecordBatch Batch(string word) => new(schema, 1, [new ArrowArray(ArrowType.Int32, 1, 0, [default, new byte[4]], null, Samples.Text(ArrowType.Utf8, word))]);
        var reader = new ArrowStreamReader(new MemoryStream(Samples.Stream(Batch("one"), Batch("one"), Batch("two"))));
        string words = string.Join(' ', Enumerable.Range(0, 3).Select(_ => reader.ReadBatch()!.Columns[0].Dictionary!.GetString(0)));
        Assert.Equal("one one two", words);
        Assert.Throws<ArgumentException>(() => Samples.File(Batch("one"), Batch("two")));
    }

    [Fact]
    public void EveryBufferInAFile_StartsAtAMultipleOf64()
    {
        byte[] file = Samples.File(Samples.Common(), Samples.Common());
        var reader = new ArrowFileReader(file);
        int seen = 0;
        for (int i = 0; i < reader.BatchCount; i++)
        {
            foreach (var column in reader.ReadBatch(i).Columns) Walk(column);
        }
        Assert.True(seen > 100);

        void Walk(ArrowArray array)
        {
            foreach (var buffer in array.Buffers)
            {
                if (buffer.IsEmpty) continue;
                Assert.True(MemoryMarshal.TryGetArray(buffer, out var segment) && ReferenceEquals(segment.Array, file));
                Assert.Equal(0, segment.Offset % 64);
                seen++;
            }
            foreach (var child in array.Children) Walk(child);
            if (array.Dictionary is { } dictionary) Walk(dictionary);
        }
    }

    [Fact]
    public void MappedVectors_AreAlignedAndSeenInPlace()
    {
        string path = Path.Combine(Path.GetTempPath(), $"vecsql-{Guid.NewGuid():N}.arrow");
        try
        {
            var schema = new ArrowSchema([new("id", ArrowType.Int8, false), new("embedding", new ArrowType.FixedSizeList(5), false, [new("item", ArrowType.Float32, false)])]);
            float[] values = [.. Enumerable.Range(0, 35).Select(i => i * 0.25f)];
            File.WriteAllBytes(path, Samples.File(new ArrowRecordBatch(schema, 7, [Samples.Fixed(ArrowType.Int8, new sbyte[7]), Samples.Vectors(5, values)])));
            ReadOnlyMemory<byte> bytes;
            using (var file = MappedFile.Open(path))
            {
                var column = new ArrowFileReader(file).ReadBatch(0).Columns[1].Children[0];
                Assert.Equal(values, column.GetValues<float>().ToArray());
                bytes = column.GetValueBytes();
                Assert.True(MappedFile.TryGetAddress(bytes, out nint address, out var owner));
                Assert.Same(file, owner);
                Assert.Equal(0, address % 64);
                Assert.Equal(0.25f, Marshal.PtrToStructure<float>(address + 4));
                Assert.False(MappedFile.TryGetAddress(new byte[4], out _, out _));
                using var hold = bytes.Pin();
                file.Dispose();
                unsafe { Assert.Equal(8.5f, ((float*)hold.Pointer)[34]); }
                Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice(file.LengthBytes - 1, 2));
            }
            Assert.Throws<ObjectDisposedException>(() => bytes.Span.Length);
            File.WriteAllBytes(path, []);
            using var empty = MappedFile.Open(path);
            Assert.Throws<ArrowFormatException>(() => new ArrowFileReader(empty));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>A real file with its one batch moved 3 GiB towards the end; the hole takes no disk.</summary>
    [Fact]
    public void MappedFile_OverTwoGiB_IsReadInPlace()
    {
        const long Hole = 3L << 30;
        var batch = Samples.Fixed(ArrowType.Int64, [1L, 2, 3]);
        byte[] file = Samples.File(new ArrowRecordBatch(new ArrowSchema([new("n", ArrowType.Int64)]), 3, [batch]));
        int footer = file.Length - 10 - BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(file.Length - 10));
        int batchAt = Enumerable.Range(1, footer / 64).Select(i => 64 * i).First(at => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at)) == -1);
        int blockAt = footer + file.AsSpan(footer).IndexOf(BitConverter.GetBytes((long)batchAt));
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(blockAt), batchAt + Hole);
        string path = Path.Combine(Path.GetTempPath(), $"vecsql-{Guid.NewGuid():N}.arrow");
        try
        {
            using (var stream = File.Create(path))
            {
                stream.Write(file.AsSpan(0, batchAt));
                stream.Position = batchAt + Hole;
                stream.Write(file.AsSpan(batchAt));
            }
            using var mapped = MappedFile.Open(path);
            Assert.Equal([1L, 2, 3], new ArrowFileReader(mapped).ReadBatch(0).Columns[0].GetValues<long>().ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Readers in other languages refuse a FlatBuffer whose scalars are not aligned to their size.</summary>
    [Fact]
    public void Metadata_IsAlignedAsFlatBuffersAre()
    {
        byte[] bytes = ArrowMessageEncoder.EncodeBatch(Samples.Rare()).Metadata.ToArray();
        Assert.Equal(0, bytes.Length % 8);
        int message = Read32(0);
        int batch = Follow(Slot(message, 2));
        Assert.Equal(0, message % 4);
        Assert.Equal(0, batch % 4);
        Assert.Equal(0, Slot(message, 0) % 2);
        Assert.Equal(0, Slot(message, 3) % 8);
        Assert.Equal(0, Slot(batch, 0) % 8);
        foreach (int vector in new[] { 1, 2, 4 })
        {
            int at = Follow(Slot(batch, vector));
            Assert.NotEqual(0, Read32(at));
            Assert.Equal(0, (at + 4) % 8);
        }

        int Read32(int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        int Follow(int at) => at + Read32(at);
        int Slot(int table, int field) => table + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(table - Read32(table) + 4 + 2 * field));
    }

    [Fact]
    public unsafe void TypedMemory_AsBytes_IsTheSameMemory()
    {
        float[] values = [1, 2, 3];
        var bytes = ArrowBytes.Of(values)[4..];
        using var pin = bytes.Pin();
        values[1] = 9;
        Assert.Equal(9f, *(float*)pin.Pointer);
        Assert.Equal(9f, MemoryMarshal.Read<float>(bytes.Span));
        Assert.Equal(0, ArrowBytes.Of(Array.Empty<long>()).Length);
    }

    [Fact]
    public void MessagesAlone_CarryABatch()
    {
        var batch = Samples.Common();
        var decoder = new ArrowMessageDecoder(ArrowMessageDecoder.ReadSchema(ArrowMessageEncoder.EncodeSchema(batch.Schema).Metadata.Span));
        foreach (int i in new[] { 8, 32, 16 })
        {
            var values = batch.Columns[batch.Schema.IndexOf(batch.Schema.Fields.Single(f => f.Dictionary?.Id == i).Name)].Dictionary!;
            var dictionary = ArrowMessageEncoder.EncodeDictionary(i, values);
            Assert.Null(decoder.Read(dictionary.Metadata.Span, Body(dictionary)));
        }
        var message = ArrowMessageEncoder.EncodeBatch(batch);
        AssertSame(batch, decoder.Read(message.Metadata.Span, Body(message))!);
    }

    [Fact]
    public void Golden_FileStaysByteIdentical()
    {
        string path = Path.Combine(Repository.Root, "Tests", "Arrow", "Golden", "alltypes.arrow");
        byte[] file = Samples.File(Samples.Common());
        // To change the format on purpose: VECSQL_WRITE_GOLDEN=1.
        if (Environment.GetEnvironmentVariable("VECSQL_WRITE_GOLDEN") == "1") File.WriteAllBytes(path, file);
        Assert.Equal(File.ReadAllBytes(path), file);
    }

    internal static void AssertSame(ArrowRecordBatch expected, ArrowRecordBatch actual)
    {
        actual.Validate();
        Assert.Equal(expected.Metadata, actual.Metadata);
        Assert.Equal(Rendering.Batch(expected), Rendering.Batch(actual));
    }

    private static byte[] Body(ArrowMessage message)
    {
        var body = new MemoryStream();
        foreach (var buffer in message.Body)
        {
            body.Write(buffer.Span);
            body.Write(new byte[-buffer.Length & (ArrowMessage.Alignment - 1)]);
        }
        Assert.Equal(message.BodyLengthBytes, body.Length);
        return body.ToArray();
    }
}
