using System.Text;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>Whatever bytes come from outside: a value that reads back as itself, or an error of SQL.</summary>
public sealed class NestedValueFuzzTests
{
    private static readonly EvalContext Context = Contexts.Default();

    [Theory]
    [InlineData(TypeOid.Vector, "[],.-+e0123456789 nNaAiIfF")]
    [InlineData(TypeOid.HalfVec, "[],.-+e0123456789 nNaAiIfF")]
    [InlineData(TypeOid.Int8Vec, "[],.-+e0123456789 nNaAiIfF")]
    [InlineData(TypeOid.SparseVec, "{},:/.-+e0123456789 nNaAiIfF")]
    [InlineData(TypeOid.SparseVec, "{1:,}/2")]
    [InlineData(TypeOid.Int4Array, "{},[]:=\"\\ 123-NULL")]
    [InlineData(TypeOid.TextArray, "{},[]:=\"\\ 1abNULL")]
    [InlineData(TypeOid.VectorArray, "{},[]\"\\ 12")]
    [InlineData(TypeOid.RegType, "int[]() ,.\"varchar9")]
    [InlineData(TypeOid.RegProcedure, "abs(int4),.\" ")]
    [InlineData(TypeOid.RegOperator, "+-(int4,none). ")]
    public void Random_text_is_read_or_refused(uint type, string alphabet)
    {
        Random random = new((int)type);
        for (int i = 0; i < 4000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            try
            {
                string? shown = Calls.RoundTrip(type, text);
                Assert.Equal(shown, Calls.RoundTrip(type, shown!));
                Assert.Equal(shown, Calls.BinaryRoundTrip(type, text));
            }
            catch (SqlException e)
            {
                Assert.Equal(5, e.SqlState.Length);
            }
        }
    }

    [Theory]
    [InlineData(TypeOid.Vector, "[1,2.5,-3]")]
    [InlineData(TypeOid.HalfVec, "[1,2.5,-3]")]
    [InlineData(TypeOid.Int8Vec, "[1,127,-128]")]
    [InlineData(TypeOid.Int8VecArray, "{\"[1,2]\",NULL}")]
    [InlineData(TypeOid.SparseVec, "{1:1.5,3:-2,7:4}/9")]
    [InlineData(TypeOid.HalfVecArray, "{\"[1,2]\",NULL}")]
    [InlineData(TypeOid.SparseVecArray, "{NULL,\"{1:1.5,3:-2}/9\"}")]
    [InlineData(TypeOid.Bit, "1011001110")]
    [InlineData(TypeOid.Int4Array, "[2:3][1:2]={{1,NULL},{3,4}}")]
    [InlineData(TypeOid.TextArray, "{a,NULL,\"b c\"}")]
    [InlineData(TypeOid.Jsonb, "{\"a\":[1,2,{\"b\":null}]}")]
    [InlineData(TypeOid.JsonbArray, "{\"[1]\",NULL}")]
    public void Damaged_binary_is_read_or_refused(uint type, string text)
    {
        TypeHandler handler = TypeHandlers.Of(type);
        ByteBuffer good = new();
        handler.WriteBinary(Calls.Parse(type, text, Context), 0, new SqlType(type), good, Context);
        Random random = new((int)type);
        for (int i = 0; i < 4000; i++)
        {
            byte[] bytes = good.WrittenSpan[..random.Next(good.Length + 1)].ToArray();
            for (int n = random.Next(4); n > 0 && bytes.Length > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            ColumnBuilder result = ColumnBuilder.Create(handler.Kind, 1);
            try
            {
                handler.ReadBinary(bytes, new SqlType(type), result, Context);
                Assert.Equal(1, result.Count);
                Assert.NotNull(Calls.Format(result.Build(), 0, type, Context));
            }
            catch (SqlException e)
            {
                Assert.Equal(5, e.SqlState.Length);
                Assert.Equal(0, result.Count);
            }
        }
    }

    [Fact]
    public void Random_arrays_of_text_survive_text_and_binary()
    {
        Random random = new(9);
        string[] pieces = ["", "a", " ", "\"", "\\", "{", "}", ",", "NULL", "null", "é", "\n", "x y"];
        for (int i = 0; i < 1000; i++)
        {
            int[] shape = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(1, 4))];
            int[] bounds = [.. shape.Select(_ => random.Next(3) == 0 ? random.Next(-3, 4) : 1)];
            ArrayBuilder builder = new(TypeOid.Text, PhysicalKind.Bytes);
            for (int n = ArrayFormat.CountOf(shape); n > 0; n--)
            {
                if (random.Next(5) == 0) builder.AppendNull();
                else ((BytesColumnBuilder)builder.Elements).Append(Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)] + pieces[random.Next(pieces.Length)]));
            }
            BytesColumnBuilder made = new();
            builder.WriteTo(made, shape, bounds);
            string text = Calls.Format(made.Build(), 0, TypeOid.TextArray, Context)!;
            Column read = Calls.Parse(TypeOid.TextArray, text, Context);
            Assert.Equal(0, TypeHandlers.Of(TypeOid.TextArray).Compare(made.Build(), 0, read, 0));
            Assert.Equal(((BytesColumn)made.Build())[0].ToArray(), ((BytesColumn)read)[0].ToArray());
            Assert.Equal(text, Calls.BinaryRoundTrip(TypeOid.TextArray, text));
        }
    }
}
