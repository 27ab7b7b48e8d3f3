using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.TextSearch;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>What is done to tsvectors: comparison, ||, weights, deletion, taking apart.</summary>
internal static class TextVectorFunctions
{
    public static void Register(FunctionLibrary library)
    {
        Compare(library, "tsvector_eq", static o => o == 0);
        Compare(library, "tsvector_ne", static o => o != 0);
        Compare(library, "tsvector_lt", static o => o < 0);
        Compare(library, "tsvector_le", static o => o <= 0);
        Compare(library, "tsvector_gt", static o => o > 0);
        Compare(library, "tsvector_ge", static o => o >= 0);
        library.Strict("tsvector_cmp", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(TextVector.Compare(Value(a, 0), Value(a, 1))));
        library.Strict("tsvector_length", static (in a, r, _) => ((ColumnBuilder<int>)r).Append(Value(a, 0).Count));
        library.Strict("tsvector_strip", static (in a, r, _) => Copy(Value(a, 0), r, static (_, _) => true, static (_, _) => null));
        library.Strict("tsvector_concat", static (in a, r, _) => Concatenate(Value(a, 0), Value(a, 1), r));
        library.Strict("tsvector_setweight", SetWeight);
        library.Strict("tsvector_setweight_by_filter", SetWeightOf);
        library.Strict("tsvector_delete_str", static (in a, r, _) => Delete(a, [a.Bytes(1).ToArray()], r));
        library.Strict("tsvector_delete_arr", static (in a, r, _) => Delete(a, Lexemes(a, 1), r));
        library.Strict("tsvector_filter", Filter);
        library.Strict("tsvector_to_array", ToArray);
        library.Strict("array_to_tsvector", FromArray);
        library.Add("tsvector_unnest", new Unnest());
    }

    internal static TextVector Value(in RowArguments arguments, int index) => new(arguments.Bytes(index));

    private static void Compare(FunctionLibrary library, string key, Func<int, bool> holds) =>
        library.Strict(key, (in a, r, _) => StringFunctions.Bool(r, holds(TextVector.Compare(Value(a, 0), Value(a, 1)))));

    /// <summary>Writes the lexemes that are kept, with their positions as <paramref name="change"/> leaves them (null: none).</summary>
    private static void Copy(TextVector vector, ColumnBuilder result, Func<ReadOnlySpan<byte>, int, bool> keeps, Func<ReadOnlySpan<byte>, ushort, ushort?> change, bool needsPositions = false)
    {
        TextVectorBuilder builder = TextVectorBuilder.Own;
        for (int i = 0; i < vector.Count; i++)
        {
            ReadOnlySpan<byte> lexeme = vector.Lexeme(i);
            if (!keeps(lexeme, i)) continue;
            bool isAdded = !needsPositions;
            if (isAdded) builder.Add(lexeme);
            for (int p = 0; p < vector.PositionCount(i); p++)
            {
                if (change(lexeme, vector.Position(i, p)) is not { } position) continue;
                if (!isAdded) builder.Add(lexeme);
                isAdded = true;
                builder.AddPosition(position);
            }
        }
        builder.WriteTo(result, sorts: false);
    }

    /// <summary>The right side's places follow the last one of the left.</summary>
    private static void Concatenate(TextVector left, TextVector right, ColumnBuilder result)
    {
        TextVectorBuilder builder = TextVectorBuilder.Own;
        int last = 0;
        for (int i = 0; i < left.Count; i++)
        {
            builder.Add(left.Lexeme(i));
            for (int p = 0; p < left.PositionCount(i); p++)
            {
                builder.AddPosition(left.Position(i, p));
                last = Math.Max(last, TextVector.PlaceOf(left.Position(i, p)));
            }
        }
        for (int i = 0; i < right.Count; i++)
        {
            builder.Add(right.Lexeme(i));
            for (int p = 0; p < right.PositionCount(i); p++)
                builder.AddPosition(TextVector.MakePosition(TextVector.PlaceOf(right.Position(i, p)) + last, TextVector.WeightOf(right.Position(i, p))));
        }
        builder.WriteTo(result, sorts: false);
    }

    private static int WeightArgument(byte letter) =>
        LexemeScanner.Weight(letter) is var weight and >= 0 ? weight : throw new SqlException(SqlState.InternalError, $"unrecognized weight: {(sbyte)letter}");

    private static void SetWeight(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        int weight = WeightArgument(arguments.Get<byte>(1));
        Copy(Value(arguments, 0), result, static (_, _) => true, (_, position) => TextVector.MakePosition(TextVector.PlaceOf(position), weight));
    }

    private static void SetWeightOf(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        int weight = WeightArgument(arguments.Get<byte>(1));
        List<byte[]> lexemes = Lexemes(arguments, 2);
        Copy(Value(arguments, 0), result, static (_, _) => true,
            (lexeme, position) => Contains(lexemes, lexeme) ? TextVector.MakePosition(TextVector.PlaceOf(position), weight) : position);
    }

    private static void Delete(in RowArguments arguments, List<byte[]> lexemes, ColumnBuilder result) =>
        Copy(Value(arguments, 0), result, (lexeme, _) => !Contains(lexemes, lexeme), static (_, position) => position);

    private static void Filter(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        ArrayView view = new(TypeOid.CharArray);
        view.Open(arguments.Bytes(1).ToArray());
        int mask = 0;
        for (int i = 0; i < view.Count; i++)
        {
            if (view.Elements.IsNull(i)) throw new SqlException(SqlState.NullValueNotAllowed, "weight array may not contain nulls");
            byte letter = ((Column<byte>)view.Elements)[i];
            int weight = LexemeScanner.Weight(letter);
            if (weight < 0) throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized weight: \"{(char)letter}\"");
            mask |= 1 << weight;
        }
        Copy(Value(arguments, 0), result, static (_, _) => true, (_, position) => (mask >> TextVector.WeightOf(position) & 1) != 0 ? position : null, needsPositions: true);
    }

    private static bool Contains(List<byte[]> lexemes, ReadOnlySpan<byte> lexeme)
    {
        foreach (byte[] candidate in lexemes)
            if (lexeme.SequenceEqual(candidate)) return true;
        return false;
    }

    /// <exception cref="SqlException">22004.</exception>
    private static List<byte[]> Lexemes(in RowArguments arguments, int index)
    {
        ArrayView view = new(TypeOid.TextArray);
        view.Open(arguments.Bytes(index).ToArray());
        List<byte[]> lexemes = [];
        for (int i = 0; i < view.Count; i++)
        {
            if (view.Elements.IsNull(i)) throw new SqlException(SqlState.NullValueNotAllowed, "lexeme array may not contain nulls");
            lexemes.Add(((BytesColumn)view.Elements)[i].ToArray());
        }
        return lexemes;
    }

    private static void ToArray(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        TextVector vector = Value(arguments, 0);
        ArrayBuilder array = ArrayBuilder.Rent(TypeOid.Text, PhysicalKind.Bytes);
        for (int i = 0; i < vector.Count; i++) ((BytesColumnBuilder)array.Elements).Append(vector.Lexeme(i));
        array.WriteTo(result);
        array.Return();
    }

    private static void FromArray(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        TextVectorBuilder builder = TextVectorBuilder.Own;
        foreach (byte[] lexeme in Lexemes(arguments, 0))
        {
            if (lexeme.Length == 0) throw new SqlException(SqlState.ZeroLengthCharacterString, "lexeme array may not contain empty strings");
            builder.Add(lexeme);
        }
        builder.WriteTo(result);
    }

    /// <summary>A row for each lexeme: its places and weights as arrays, null if it has none.</summary>
    private sealed class Unnest : TableFunction
    {
        public override TableFunctionCursor Open(in RowArguments arguments, EvalContext context)
        {
            if (arguments.IsNull(0)) return new EmptyCursor();
            byte[] value = arguments.Bytes(0).ToArray();
            return new RowsCursor(new TextVector(value).Count, (row, columns) =>
            {
                TextVector vector = new(value);
                ((BytesColumnBuilder)columns[0]).Append(vector.Lexeme(row));
                if (vector.PositionCount(row) == 0)
                {
                    columns[1].AppendNull();
                    columns[2].AppendNull();
                    return;
                }
                ArrayBuilder places = ArrayBuilder.Rent(TypeOid.Int2, PhysicalKind.Int16), weights = ArrayBuilder.Rent(TypeOid.Text, PhysicalKind.Bytes);
                for (int p = 0; p < vector.PositionCount(row); p++)
                {
                    ushort position = vector.Position(row, p);
                    ((ColumnBuilder<short>)places.Elements).Append((short)TextVector.PlaceOf(position));
                    ((BytesColumnBuilder)weights.Elements).Append([(byte)('D' - TextVector.WeightOf(position))]);
                }
                places.WriteTo(columns[1]);
                weights.WriteTo(columns[2]);
                places.Return();
                weights.Return();
            });
        }
    }
}
