using System.Globalization;
using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Kernels;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

/// <summary>The values and error texts are those that pgvector's own regression tests expect.</summary>
public sealed class VectorTypeTests
{
    private const uint V = TypeOid.Vector;

    [Theory]
    [InlineData("[1,2,3]", "[1,2,3]")]
    [InlineData("[1.,2.,3.]", "[1,2,3]")]
    [InlineData(" [ 1,  2 ,    3  ] ", "[1,2,3]")]
    [InlineData("[1.23456]", "[1.23456]")]
    [InlineData("[1.5e38,-1.5e+38]", "[1.5e+38,-1.5e+38]")]
    [InlineData("[1.5e-38,-1.5e-38]", "[1.5e-38,-1.5e-38]")]
    [InlineData("[1e-46,1]", "[0,1]")]
    [InlineData("[-1e-46,1]", "[-0,1]")]
    [InlineData("[123456,1234567,0.0001,0.00001]", "[123456,1.234567e+06,0.0001,1e-05]")]
    public void Text_is_read_and_written(string text, string expected)
    {
        Assert.Equal(expected, Calls.RoundTrip(V, text));
        Assert.Equal(expected, Calls.BinaryRoundTrip(V, text));
    }

    [Theory]
    [InlineData("[hello,1]", "22P02: invalid input syntax for type vector: \"[hello,1]\"")]
    [InlineData("[NaN,1]", "22000: NaN not allowed in vector")]
    [InlineData("[-Infinity,1]", "22000: infinite value not allowed in vector")]
    [InlineData("[4e38,1]", "22003: \"4e38\" is out of range for type vector")]
    [InlineData("[-4e38,1]", "22003: \"-4e38\" is out of range for type vector")]
    [InlineData("[1,2,3", "22P02: invalid input syntax for type vector: \"[1,2,3\"")]
    [InlineData("[1,2,3]9", "22P02: invalid input syntax for type vector: \"[1,2,3]9\" | Junk after closing right brace.")]
    [InlineData("1,2,3", "22P02: invalid input syntax for type vector: \"1,2,3\" | Vector contents must start with \"[\".")]
    [InlineData("", "22P02: invalid input syntax for type vector: \"\" | Vector contents must start with \"[\".")]
    [InlineData("[", "22P02: invalid input syntax for type vector: \"[\"")]
    [InlineData("[]", "22000: vector must have at least 1 dimension")]
    [InlineData("[ ]", "22000: vector must have at least 1 dimension")]
    [InlineData("[,]", "22P02: invalid input syntax for type vector: \"[,]\"")]
    [InlineData("[1,]", "22P02: invalid input syntax for type vector: \"[1,]\"")]
    [InlineData("[1a]", "22P02: invalid input syntax for type vector: \"[1a]\"")]
    [InlineData("[1,,3]", "22P02: invalid input syntax for type vector: \"[1,,3]\"")]
    public void Bad_text_is_refused(string text, string expected) => Assert.Equal(expected, Calls.Describe(Calls.Fails(() => Calls.RoundTrip(V, text))));

    [Fact]
    public void Dimensions_are_held_to_the_modifier_and_the_limit()
    {
        Assert.Equal("[1,2,3]", Calls.RoundTrip(V, "[1,2,3]", 3));
        Assert.Equal("22000: expected 2 dimensions, not 3", Calls.Describe(Calls.Fails(() => Calls.RoundTrip(V, "[1,2,3]", 2))));
        string long_ = "[" + string.Join(',', Enumerable.Repeat("1", 16001)) + "]";
        Assert.Equal("54000: vector cannot have more than 16000 dimensions", Calls.Describe(Calls.Fails(() => Calls.RoundTrip(V, long_))));
        TypeHandler handler = TypeHandlers.Of(V);
        Assert.Equal(3, handler.ParseModifier([3], "vector"));
        Assert.Equal("22023: invalid type modifier", Calls.Describe(Calls.Fails(() => handler.ParseModifier([3, 2], "vector"))));
        Assert.Equal("22023: dimensions for type vector must be at least 1", Calls.Describe(Calls.Fails(() => handler.ParseModifier([0], "vector"))));
        Assert.Equal("22023: dimensions for type vector cannot exceed 16000", Calls.Describe(Calls.Fails(() => handler.ParseModifier([16001], "vector"))));
    }

    [Theory]
    [InlineData("+", "[1,2,3]", "[4,5,6]", "[5,7,9]")]
    [InlineData("-", "[1,2,3]", "[4,5,6]", "[-3,-3,-3]")]
    [InlineData("*", "[1,2,3]", "[4,5,6]", "[4,10,18]")]
    [InlineData("||", "[1,2,3]", "[4,5]", "[1,2,3,4,5]")]
    public void Arithmetic(string op, string left, string right, string expected) => Assert.Equal(expected, Calls.Call(op, V, (V, left), (V, right)));

    [Theory]
    [InlineData("+", "[3e38]", "[3e38]", "22003: value out of range: overflow")]
    [InlineData("-", "[-3e38]", "[3e38]", "22003: value out of range: overflow")]
    [InlineData("*", "[1e37]", "[1e37]", "22003: value out of range: overflow")]
    [InlineData("*", "[1e-37]", "[1e-37]", "22003: value out of range: underflow")]
    [InlineData("+", "[1,2]", "[3]", "22000: different vector dimensions 2 and 1")]
    [InlineData("*", "[1,2]", "[3]", "22000: different vector dimensions 2 and 1")]
    public void Arithmetic_errors(string op, string left, string right, string expected) =>
        Assert.Equal(expected, Calls.Describe(Calls.Fails(() => Calls.Call(op, V, (V, left), (V, right)))));

    [Theory]
    [InlineData("l2_distance", "[0,0]", "[3,4]", "5")]
    [InlineData("l2_distance", "[3e38]", "[-3e38]", "Infinity")]
    [InlineData("l2_distance", "[1,1,1,1,1,1,1,1,1]", "[1,1,1,1,1,1,1,4,5]", "5")]
    [InlineData("<->", "[0,0]", "[3,4]", "5")]
    [InlineData("inner_product", "[1,2]", "[3,4]", "11")]
    [InlineData("inner_product", "[3e38]", "[3e38]", "Infinity")]
    [InlineData("inner_product", "[1,1,1,1,1,1,1,1,1]", "[1,2,3,4,5,6,7,8,9]", "45")]
    [InlineData("<#>", "[1,2]", "[3,4]", "-11")]
    [InlineData("cosine_distance", "[1,2]", "[2,4]", "0")]
    [InlineData("cosine_distance", "[1,2]", "[0,0]", "NaN")]
    [InlineData("cosine_distance", "[1,0]", "[0,2]", "1")]
    [InlineData("cosine_distance", "[1,1]", "[-1,-1]", "2")]
    [InlineData("cosine_distance", "[1,1]", "[1.1,1.1]", "0")]
    [InlineData("cosine_distance", "[1,1]", "[-1.1,-1.1]", "2")]
    [InlineData("cosine_distance", "[3e38]", "[3e38]", "NaN")]
    [InlineData("cosine_distance", "[1,2,3,4,5,6,7,8,9]", "[-1,-2,-3,-4,-5,-6,-7,-8,-9]", "2")]
    [InlineData("<=>", "[1,2]", "[2,4]", "0")]
    [InlineData("l1_distance", "[0,0]", "[3,4]", "7")]
    [InlineData("l1_distance", "[3e38]", "[-3e38]", "Infinity")]
    [InlineData("l1_distance", "[1,2,3,4,5,6,7,8,9]", "[0,3,2,5,4,7,6,9,8]", "9")]
    [InlineData("<+>", "[0,0]", "[3,4]", "7")]
    [InlineData("vector_l2_squared_distance", "[0,0]", "[3,4]", "25")]
    [InlineData("vector_spherical_distance", "[1,0]", "[0,1]", "0.5")]
    public void Distances(string function, string left, string right, string expected)
    {
        Assert.Equal(expected, Calls.Call(function, TypeOid.Float8, (V, left), (V, right)));
        Assert.Equal("22000: different vector dimensions 2 and 1", Calls.Describe(Calls.Fails(() => Calls.Call(function, TypeOid.Float8, (V, "[1,2]"), (V, "[3]")))));
    }

    [Theory]
    [InlineData("l2_normalize", "[3,4]", "[0.6,0.8]")]
    [InlineData("l2_normalize", "[3,0]", "[1,0]")]
    [InlineData("l2_normalize", "[0,0.1]", "[0,1]")]
    [InlineData("l2_normalize", "[0,0]", "[0,0]")]
    [InlineData("l2_normalize", "[3e38]", "[1]")]
    public void Normalization(string function, string value, string expected) => Assert.Equal(expected, Calls.Call(function, V, (V, value)));

    [Fact]
    public void Dimensions_and_norm()
    {
        Assert.Equal("3", Calls.Call("vector_dims", TypeOid.Int4, (V, "[1,2,3]")));
        Assert.Equal("5", Calls.Call("vector_norm", TypeOid.Float8, (V, "[3,4]")));
        Assert.Null(Calls.Call("vector_dims", TypeOid.Int4, (V, null)));
    }

    [Theory]
    [InlineData(1, 3, "[1,2,3]")]
    [InlineData(3, 2, "[3,4]")]
    [InlineData(-1, 3, "[1]")]
    [InlineData(3, 9, "[3,4,5]")]
    [InlineData(3, int.MaxValue, "[3,4,5]")]
    [InlineData(-2147483644, int.MaxValue, "[1,2]")]
    public void Subvectors(int start, int count, string expected) => Assert.Equal(expected, Subvector(start, count));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, -1)]
    [InlineData(-1, 2)]
    [InlineData(int.MaxValue, 10)]
    public void Empty_subvectors_are_refused(int start, int count) =>
        Assert.Equal("22000: vector must have at least 1 dimension", Calls.Describe(Calls.Fails(() => Subvector(start, count))));

    private static string? Subvector(int start, int count) => Calls.Call("subvector", V, (V, "[1,2,3,4,5]"), (TypeOid.Int4, start.ToString()), (TypeOid.Int4, count.ToString()));

    [Theory]
    [InlineData("[1,0,-1]", "100")]
    [InlineData("[0,0.1,-0.2,-0.3,0.4,0.5,0.6,-0.7,0.8,-0.9,1]", "01001110101")]
    public void Binary_quantization_sets_a_bit_for_each_positive_element(string value, string expected)
    {
        ScalarFunction function = FunctionLibrary.Default.FindScalar(Builtins.FindFunctions("binary_quantize")[0])!;
        BytesColumnBuilder result = new();
        function.Evaluate([Calls.Parse(V, value, Contexts.Default())], Selection.All(1), result, Contexts.Default());
        byte[] stored = ((BytesColumn)result.Build())[0].ToArray();
        Assert.Equal([0, 0, 0, (byte)expected.Length], stored[..4]);
        Assert.Equal(expected, string.Concat(stored[4..].Select(b => Convert.ToString(b, 2).PadLeft(8, '0')))[..expected.Length]);
    }

    [Theory]
    [InlineData("[1,2,3]", "[1,2,3]", 0)]
    [InlineData("[1,2,3]", "[0,0,0]", 1)]
    [InlineData("[1,2]", "[1,2,3]", -1)]
    [InlineData("[1,2]", "[2,3,4]", -1)]
    [InlineData("[2,3]", "[1,2,3]", 1)]
    [InlineData("[-1.5]", "[-1]", -1)]
    [InlineData("[-0]", "[0]", 0)]
    public void Order_hash_and_keys_agree(string left, string right, int expected)
    {
        Assert.Equal(expected.ToString(), Calls.Call("vector_cmp", TypeOid.Int4, (V, left), (V, right)));
        TypeHandler handler = TypeHandlers.Of(V);
        Column a = Calls.Parse(V, left, Contexts.Default()), b = Calls.Parse(V, right, Contexts.Default());
        Assert.Equal(expected, handler.Compare(a, 0, b, 0));
        ByteBuffer keyA = new(), keyB = new();
        handler.EncodeKey(a, 0, keyA);
        handler.EncodeKey(b, 0, keyB);
        Assert.Equal(expected, Math.Sign(keyA.WrittenSpan.SequenceCompareTo(keyB.WrittenSpan)));
        if (expected == 0) Assert.Equal(handler.Hash(a, 0), handler.Hash(b, 0));
        Assert.Equal(expected < 0 ? "t" : "f", Calls.Call("<", TypeOid.Bool, (V, left), (V, right)));
        Assert.Equal(expected == 0 ? "t" : "f", Calls.Call("=", TypeOid.Bool, (V, left), (V, right)));
    }

    [Fact]
    public void Aggregates()
    {
        Assert.Equal("[2,3.5,5]", Calls.Aggregate("avg", V, V, "[1,2,3]", "[3,5,7]", null));
        Assert.Equal("[4,7,10]", Calls.Aggregate("sum", V, V, "[1,2,3]", "[3,5,7]", null));
        Assert.Null(Calls.Aggregate("avg", V, V));
        Assert.Null(Calls.Aggregate("sum", V, V));
        Assert.Equal("[3e+38]", Calls.Aggregate("avg", V, V, "[3e38]", "[3e38]"));
        Assert.Equal("22000: expected 2 dimensions, not 1", Calls.Describe(Calls.Fails(() => Calls.Aggregate("avg", V, V, "[1,2]", "[3]"))));
        Assert.Equal("22000: different vector dimensions 2 and 1", Calls.Describe(Calls.Fails(() => Calls.Aggregate("sum", V, V, "[1,2]", "[3]"))));
        Assert.Equal("22003: value out of range: overflow", Calls.Describe(Calls.Fails(() => Calls.Aggregate("sum", V, V, "[3e38]", "[3e38]"))));
    }

    [Fact]
    public void Malformed_binary_is_refused()
    {
        static string Read(params byte[] bytes) => Calls.Describe(Calls.Fails(() =>
        {
            TypeHandlers.Of(V).ReadBinary(bytes, new SqlType(V), new BytesColumnBuilder(), Contexts.Default());
            return null;
        }));
        Assert.Equal("08P01: insufficient data left in message", Read(0, 1));
        Assert.Equal("08P01: insufficient data left in message", Read(0, 1, 0, 0, 0));
        Assert.Equal("22000: vector must have at least 1 dimension", Read(0, 0, 0, 0));
        Assert.Equal("22000: expected unused to be 0, not 1", Read(0, 1, 0, 1, 0, 0, 0, 0));
        Assert.Equal("22000: NaN not allowed in vector", Read(0, 1, 0, 0, 0x7F, 0xC0, 0, 0));
        Assert.Equal("22P03: incorrect binary data format", Read(0, 1, 0, 0, 0, 0, 0, 0, 0));
    }

    [Fact]
    public void Numbers_are_read_with_one_rounding_only()
    {
        Random random = new(7);
        StringBuilder text = new("[");
        List<float> expected = [];
        for (int i = 0; i < 4000; i++)
        {
            string number = random.Next(4) switch
            {
                0 => BitConverter.Int32BitsToSingle(random.Next(0x7F800000)).ToString("R", CultureInfo.InvariantCulture),
                1 => random.NextDouble().ToString("F" + random.Next(1, 18), CultureInfo.InvariantCulture),
                // Just at, above and below the middle between two floats.
                2 => ((decimal)(16777217 + 2 * random.Next(1000)) / 64 + random.Next(-1, 2) * 0.0000000000001m).ToString(CultureInfo.InvariantCulture),
                _ => $"{random.Next(1, 1_000_000_000)}e{random.Next(-48, 28)}",
            };
            text.Append(i > 0 ? "," : "").Append(number);
            expected.Add(float.Parse(number, CultureInfo.InvariantCulture));
        }
        BytesColumn column = (BytesColumn)Calls.Parse(V, text.Append(']').ToString(), Contexts.Default());
        Assert.Equal(expected, VectorType.Floats(column[0]).ToArray());
    }

    [Fact]
    public void Wide_loops_agree_with_narrow_ones()
    {
        Random random = new(3);
        for (int length = 1; length < 80; length++)
        {
            float[] x = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)], y = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle())];
            float[] result = new float[length];
            ElementWise.Add(x, y, result);
            Assert.Equal(x.Zip(y, (a, b) => a + b), result);
            ElementWise.Subtract(x, y, result);
            Assert.Equal(x.Zip(y, (a, b) => a - b), result);
            ElementWise.Multiply(x, y, result);
            Assert.Equal(x.Zip(y, (a, b) => a * b), result);
            double[] sums = [.. y.Select(v => (double)v)];
            ElementWise.AddTo(sums, x);
            Assert.Equal(x.Zip(y, (a, b) => (double)b + a), sums);
            Assert.True(ElementWise.IsFinite(x));
            foreach (float wrong in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
            {
                int place = random.Next(length);
                (float kept, x[place]) = (x[place], wrong);
                Assert.False(ElementWise.IsFinite(x));
                x[place] = kept;
            }
            Assert.Equal(x.Zip(y, (a, b) => (double)(a - b) * (a - b)).Sum(), VectorMath.L2SquaredDistance(x, y), 1e-3);
            Assert.Equal(x.Zip(y, (a, b) => (double)a * b).Sum(), VectorMath.InnerProduct(x, y), 1e-3);
            Assert.Equal(x.Zip(y, (a, b) => Math.Abs((double)a - b)).Sum(), VectorMath.L1Distance(x, y), 1e-3);
        }
    }

    [Fact]
    public void Columns_with_a_stride_are_read_in_place()
    {
        byte[] data = new byte[8 * 8];
        Buffer.BlockCopy(Enumerable.Range(0, 16).Select(i => (float)i).ToArray(), 0, data, 0, data.Length);
        BytesColumn rows = BytesColumn.WithStride(8, data, default, 8);
        ColumnBuilder<double> result = new();
        FunctionLibrary.Default.FindScalar(Calls.Resolve("<->", [V, V]))!.Evaluate([rows, Calls.Parse(V, "[0,1]", Contexts.Default()).Repeat(8)], Selection.All(8), result, Contexts.Default());
        Assert.Equal(Math.Sqrt(2 * 14 * 14), ((Column<double>)result.Build())[7], 5);
    }

    [Fact]
    public void Operator_classes_name_known_operators()
    {
        foreach (VectorOperatorClass known in VectorOperatorClasses.All) Assert.Contains(Builtins.FindOperators(known.Operator), o => o.Left == known.TypeOid);
        Assert.Null(VectorOperatorClasses.FindDefault("hnsw", V));
        Assert.Equal("vector_l2_ops", VectorOperatorClasses.FindDefault("ivfflat", V)!.Name);
    }
}
