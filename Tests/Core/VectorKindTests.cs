using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>halfvec, sparsevec and distances of bits: error texts and properties. Values against PostgreSQL: sqltests/vector.</summary>
public sealed class VectorKindTests
{
    private const uint H = TypeOid.HalfVec, S = TypeOid.SparseVec, V = TypeOid.Vector;

    [Theory]
    [InlineData(H, "[a]", "22P02: invalid input syntax for type halfvec: \"[a]\"")]
    [InlineData(H, "1", "22P02: invalid input syntax for type halfvec: \"1\" | Vector contents must start with \"[\".")]
    [InlineData(H, "[1]x", "22P02: invalid input syntax for type halfvec: \"[1]x\" | Junk after closing right brace.")]
    [InlineData(H, "[]", "22000: halfvec must have at least 1 dimension")]
    [InlineData(H, "[65520]", "22003: \"65520\" is out of range for type halfvec")]
    [InlineData(H, "[1,-1e39]", "22003: \"-1e39\" is out of range for type halfvec")]
    [InlineData(H, "[nan]", "22000: NaN not allowed in halfvec")]
    [InlineData(H, "[-inf]", "22000: infinite value not allowed in halfvec")]
    [InlineData(S, "[1]", "22P02: invalid input syntax for type sparsevec: \"[1]\" | Vector contents must start with \"{\".")]
    [InlineData(S, "{1:1}", "22P02: invalid input syntax for type sparsevec: \"{1:1}\" | Unexpected end of input.")]
    [InlineData(S, "{1:1}/1x", "22P02: invalid input syntax for type sparsevec: \"{1:1}/1x\" | Junk after closing.")]
    [InlineData(S, "{1:1e-46}/1", "22003: \"1e-46\" is out of range for type sparsevec")]
    [InlineData(S, "{1:4e38}/1", "22003: \"4e38\" is out of range for type sparsevec")]
    [InlineData(S, "{1:nan}/1", "22000: NaN not allowed in sparsevec")]
    [InlineData(S, "{1:inf}/1", "22000: infinite value not allowed in sparsevec")]
    [InlineData(S, "{0:1}/1", "22000: sparsevec index out of bounds")]
    [InlineData(S, "{-2147483648:1}/1", "22000: sparsevec index out of bounds")]
    [InlineData(S, "{1:1,1:2}/1", "22000: sparsevec indices must not contain duplicates")]
    [InlineData(S, "{}/0", "22000: sparsevec must have at least 1 dimension")]
    [InlineData(S, "{}/1000000001", "54000: sparsevec cannot have more than 1000000000 dimensions")]
    public void Bad_text_is_refused(uint type, string text, string expected) => Assert.Equal(expected, Calls.Describe(Calls.Fails(() => Calls.RoundTrip(type, text))));

    [Theory]
    [InlineData(H, 0, "22023: dimensions for type halfvec must be at least 1")]
    [InlineData(H, 16001, "22023: dimensions for type halfvec cannot exceed 16000")]
    [InlineData(S, 0, "22023: dimensions for type sparsevec must be at least 1")]
    [InlineData(S, 1000000001, "22023: dimensions for type sparsevec cannot exceed 1000000000")]
    public void Modifiers_have_limits(uint type, int modifier, string expected) =>
        Assert.Equal(expected, Calls.Describe(Calls.Fails(() => TypeHandlers.Of(type).ParseModifier([modifier], ""))));

    [Theory]
    [InlineData(H, "[1,2]", "[1]", "22000: different halfvec dimensions 2 and 1")]
    [InlineData(S, "{}/2", "{}/1", "22000: different sparsevec dimensions 2 and 1")]
    public void Distances_hold_dimensions_equal(uint type, string left, string right, string expected)
    {
        foreach (string op in (string[])["<->", "<#>", "<=>", "<+>"])
            Assert.Equal(expected, Calls.Describe(Calls.Fails(() => Calls.Call(op, TypeOid.Float8, (type, left), (type, right)))));
    }

    [Fact]
    public void Bit_distances_hold_lengths_equal()
    {
        Assert.Equal("2", Calls.Call("<~>", TypeOid.Float8, (TypeOid.Bit, "1100"), (TypeOid.Bit, "1010")));
        Assert.Equal("0.6666666666666667", Calls.Call("<%>", TypeOid.Float8, (TypeOid.Bit, "1100"), (TypeOid.Bit, "1010")));
        Assert.Equal("22000: different bit lengths 2 and 1", Calls.Describe(Calls.Fails(() => Calls.Call("<~>", TypeOid.Float8, (TypeOid.Bit, "11"), (TypeOid.Bit, "1")))));
    }

    [Theory]
    [InlineData("halfvec_add", "[60000]", "[60000]", "22003: value out of range: overflow")]
    [InlineData("halfvec_mul", "[1e-5]", "[1e-5]", "22003: value out of range: underflow")]
    [InlineData("halfvec_sub", "[1,2]", "[1]", "22000: different halfvec dimensions 2 and 1")]
    public void Half_arithmetic_errors(string function, string left, string right, string expected) =>
        Assert.Equal(expected, Calls.Describe(Calls.Fails(() => Calls.Call(function, H, (H, left), (H, right)))));

    [Theory]
    [InlineData("vector_to_halfvec", H, V, "[70000]", -1, "22003: \"70000\" is out of range for type halfvec")]
    [InlineData("vector_to_halfvec", H, V, "[1]", 2, "22000: expected 2 dimensions, not 1")]
    [InlineData("sparsevec_to_vector", V, S, "{}/16001", -1, "54000: vector cannot have more than 16000 dimensions")]
    [InlineData("sparsevec_to_halfvec", H, S, "{}/16001", -1, "54000: halfvec cannot have more than 16000 dimensions")]
    [InlineData("sparsevec_to_halfvec", H, S, "{1:1e5}/1", -1, "22003: \"100000\" is out of range for type halfvec")]
    [InlineData("array_to_sparsevec", S, TypeOid.Float8Array, "{0,NaN}", -1, "22000: NaN not allowed in sparsevec")]
    [InlineData("array_to_halfvec", H, TypeOid.Float8Array, "{Infinity}", -1, "22000: infinite value not allowed in halfvec")]
    [InlineData("array_to_halfvec", H, TypeOid.Int4Array, "{NULL}", -1, "22004: array must not contain nulls")]
    [InlineData("array_to_sparsevec", S, TypeOid.Int4Array, "{{1},{2}}", -1, "22000: array must be 1-D")]
    public void Casts_are_checked(string function, uint target, uint source, string value, int modifier, string expected) => Assert.Equal(expected,
        Calls.Describe(Calls.Fails(() => Calls.Call(function, target, (source, value), (TypeOid.Int4, modifier.ToString()), (TypeOid.Bool, "f")))));

    [Fact]
    public void Malformed_binary_is_refused()
    {
        static string Read(uint type, params byte[] bytes) => Calls.Describe(Calls.Fails(() =>
        {
            BytesColumnBuilder builder = new();
            try
            {
                TypeHandlers.Of(type).ReadBinary(bytes, new SqlType(type), builder, Contexts.Default());
            }
            finally
            {
                Assert.Equal(0, builder.Output.Length);
            }
            return null;
        }));
        Assert.Equal("54000: halfvec cannot have more than 16000 dimensions", Read(H, 0xFF, 0xFF, 0, 0));
        Assert.Equal("54000: vector cannot have more than 16000 dimensions", Read(V, 0x80, 0, 0, 0));
        Assert.Equal("22000: expected unused to be 0, not 65535", Read(H, 0, 1, 0xFF, 0xFF, 0, 0));
        Assert.Equal("08P01: insufficient data left in message", Read(H, 0, 2, 0, 0, 0, 0));
        Assert.Equal("22P03: incorrect binary data format", Read(H, 0, 1, 0, 0, 0, 0, 0));
        Assert.Equal("22000: NaN not allowed in halfvec", Read(H, 0, 1, 0, 0, 0x7E, 0));
        Assert.Equal("22000: infinite value not allowed in halfvec", Read(H, 0, 1, 0, 0, 0xFC, 0));
        Assert.Equal("08P01: insufficient data left in message", Read(S, 0, 0, 0, 1, 0, 0, 0, 0));
        Assert.Equal("22000: sparsevec cannot have negative number of elements", Read(S, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0));
        Assert.Equal("54000: sparsevec cannot have more elements than dimensions", Read(S, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0));
        Assert.Equal("54000: sparsevec cannot have more than 16000 non-zero elements", Read(S, 0x3B, 0, 0, 0, 0x3B, 0, 0, 0, 0, 0, 0, 0));
        Assert.Equal("22000: sparsevec index out of bounds", Read(S, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x3F, 0x80, 0, 0));
        Assert.Equal("22000: sparsevec indices must be in ascending order",
            Read(S, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x3F, 0x80, 0, 0, 0x3F, 0x80, 0, 0));
        Assert.Equal("22000: binary representation of sparsevec cannot contain zero values", Read(S, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0));
    }

    /// <summary>Whatever the form, the order is that of the elements written out, and hashes and keys agree with it.</summary>
    [Theory]
    [InlineData(H)]
    [InlineData(S)]
    public void Order_hash_and_keys_are_those_of_the_vector(uint type)
    {
        Random random = new(5);
        TypeHandler handler = TypeHandlers.Of(type), dense = TypeHandlers.Of(V);
        string[] numbers = ["0", "0", "0", "-0", "1", "-1", "0.5", "-65504", "65504", "6e-8", "-6e-8"];
        for (int i = 0; i < 3000; i++)
        {
            Column[] vectors = new Column[2], values = new Column[2];
            ByteBuffer[] keys = [new(), new()];
            for (int n = 0; n < 2; n++)
            {
                string[] elements = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => numbers[random.Next(numbers.Length)])];
                string text = "[" + string.Join(',', elements) + "]";
                vectors[n] = Calls.Parse(V, text, Contexts.Default());
                values[n] = Calls.Parse(type, type == H ? text : "{" + string.Join(',', elements.Select((e, place) => $"{place + 1}:{e}")) + "}/" + elements.Length, Contexts.Default());
                handler.EncodeKey(values[n], 0, keys[n]);
                keys[n].WriteByte((byte)random.Next(256));
            }
            int expected = Math.Sign(dense.Compare(vectors[0], 0, vectors[1], 0));
            Assert.Equal(expected, Math.Sign(handler.Compare(values[0], 0, values[1], 0)));
            if (expected != 0) Assert.Equal(expected, Math.Sign(keys[0].WrittenSpan.SequenceCompareTo(keys[1].WrittenSpan)));
            else
            {
                Assert.Equal(handler.Hash(values[0], 0), handler.Hash(values[1], 0));
                Assert.Equal(keys[0].WrittenSpan[..^1].ToArray(), keys[1].WrittenSpan[..^1].ToArray());
            }
        }
    }

    [Fact]
    public void Sparse_distances_are_those_of_dense_vectors()
    {
        Random random = new(6);
        for (int i = 0; i < 500; i++)
        {
            int n = random.Next(1, 60);
            float[] x = Thin(n), y = Thin(n);
            (int[] places, float[] values) a = Sparse(x), b = Sparse(y);
            Assert.Equal(VectorMath.L2Distance(x, y), SparseMath.L2Distance(a.places, a.values, b.places, b.values), 1e-5);
            Assert.Equal(VectorMath.L2SquaredDistance(x, y), SparseMath.L2SquaredDistance(a.places, a.values, b.places, b.values), 1e-4);
            Assert.Equal(VectorMath.InnerProduct(x, y), SparseMath.InnerProduct(a.places, a.values, b.places, b.values), 1e-4);
            Assert.Equal(VectorMath.L1Distance(x, y), SparseMath.L1Distance(a.places, a.values, b.places, b.values), 1e-4);
            Assert.Equal(VectorMath.CosineDistance(x, y), SparseMath.CosineDistance(a.places, a.values, b.places, b.values), 1e-5);
        }

        float[] Thin(int n) => [.. Enumerable.Range(0, n).Select(_ => random.Next(3) > 0 ? 0 : random.NextSingle() - 0.5f)];
        static (int[], float[]) Sparse(float[] dense)
        {
            int[] places = [.. Enumerable.Range(0, dense.Length).Where(i => dense[i] != 0)];
            return (places, [.. places.Select(p => dense[p])]);
        }
    }

    [Fact]
    public void Halves_widen_and_narrow_whole_spans_at_a_time()
    {
        Random random = new(8);
        for (int n = 0; n < 70; n++)
        {
            Half[] halves = [.. Enumerable.Range(0, n).Select(_ => BitConverter.UInt16BitsToHalf((ushort)random.Next(0x7C00)))], back = new Half[n];
            float[] floats = new float[n];
            HalfConversion.Widen(halves, floats);
            Assert.Equal(halves.Select(h => (float)h), floats);
            HalfConversion.Narrow(floats, back);
            Assert.Equal(halves, back);
        }
    }

    [Fact]
    public void Half_aggregates_round_as_halves_do()
    {
        Assert.Equal("[2048]", Calls.Aggregate("sum", H, H, "[2048]", "[1]", null));
        Assert.Equal("[683.5]", Calls.Aggregate("avg", H, H, "[2048]", "[1]", null, "[1]"));
        Assert.Null(Calls.Aggregate("avg", H, H));
        Assert.Null(Calls.Aggregate("sum", H, H));
        Assert.Equal("22003: value out of range: overflow", Calls.Describe(Calls.Fails(() => Calls.Aggregate("sum", H, H, "[60000]", "[60000]"))));
        Assert.Equal("22000: different halfvec dimensions 2 and 1", Calls.Describe(Calls.Fails(() => Calls.Aggregate("sum", H, H, "[1,2]", "[3]"))));
        Assert.Equal("22000: expected 2 dimensions, not 1", Calls.Describe(Calls.Fails(() => Calls.Aggregate("avg", H, H, "[1,2]", "[3]"))));
    }

    [Fact]
    public void Families_of_operators_name_functions_that_are_there()
    {
        Assert.All(BuiltinIndexing.Functions.Where(f => f.Extension == "vector"), f =>
        {
            Assert.Equal("vector", Builtins.FindFunction(f.Function)!.Extension);
            Assert.Contains(BuiltinIndexing.Families, family => family.Oid == f.Family && family.Extension == "vector");
        });
        BuiltinOperatorClass sparse = BuiltinIndexing.FindClass(WellKnownOid.BTreeMethod, S, null)!;
        Assert.Equal(["<", "<=", "=", ">=", ">"], BuiltinIndexing.Operators.Where(o => o.Family == sparse.Family).OrderBy(o => o.Strategy).Select(o => Builtins.FindOperator(o.Operator)!.Name));
    }
}
