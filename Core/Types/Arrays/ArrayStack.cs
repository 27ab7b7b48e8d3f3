using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Core.Types;

/// <summary>Arrays of one shape put together as the outer dimension of a new one: ARRAY(query) and array_agg over arrays. Used again after <see cref="WriteTo"/>; by one thread.</summary>
public sealed class ArrayStack(uint arrayType)
{
    private readonly ArrayView _view = new(arrayType);
    private readonly int[] _lengths = new int[ArrayFormat.MaxDimensions + 1], _lowerBounds = new int[ArrayFormat.MaxDimensions + 1];
    private ArrayBuilder? _builder;
    private int _dimensions, _count;

    /// <summary>Tests what can be said of one array alone.</summary>
    /// <exception cref="SqlException">22004 (null), 2202E (empty), 54000 (too many dimensions).</exception>
    public void Check(BytesColumn arrays, int row)
    {
        if (arrays.IsNull(row)) throw new SqlException(SqlState.NullValueNotAllowed, "cannot accumulate null arrays");
        _view.Open(arrays, row);
        if (_view.Dimensions == 0) throw new SqlException(SqlState.ArraySubscriptError, "cannot accumulate empty arrays");
        ArrayFormat.CheckDimensions(_view.Dimensions + 1);
    }

    /// <summary>Adds an array that was checked.</summary>
    /// <exception cref="SqlException">2202E: its shape differs from the first one's.</exception>
    public void Append(BytesColumn arrays, int row)
    {
        _view.Open(arrays, row);
        if (_builder is null)
        {
            _builder = ArrayBuilder.Rent(_view.ElementType, _view.Kind);
            _dimensions = _view.Dimensions;
            _view.Lengths.CopyTo(_lengths.AsSpan(1));
            _view.LowerBounds.CopyTo(_lowerBounds.AsSpan(1));
        }
        else if (!_view.Lengths.SequenceEqual(_lengths.AsSpan(1, _dimensions)) || !_view.LowerBounds.SequenceEqual(_lowerBounds.AsSpan(1, _dimensions)))
            throw new SqlException(SqlState.ArraySubscriptError, "cannot accumulate arrays of different dimensionality");
        _builder.Append(_view.Elements, 0, _view.Count);
        _count++;
    }

    public bool IsEmpty => _builder is null;

    /// <summary>Writes the stack as one value and empties it. There is at least one array.</summary>
    public void WriteTo(ColumnBuilder result)
    {
        Invariant.Check(_builder is not null);
        _lengths[0] = _count;
        _lowerBounds[0] = 1;
        _builder.WriteTo(result, _lengths.AsSpan(0, _dimensions + 1), _lowerBounds.AsSpan(0, _dimensions + 1));
        Reset();
    }

    /// <summary>Forgets what was added.</summary>
    public void Reset()
    {
        _builder?.Return();
        _builder = null;
        _count = 0;
    }
}
