using VecSql.Core.Columns;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Operators;

/// <summary>The join's parts on disk.</summary>
internal sealed partial class HashJoinOperator
{
    /// <summary>Moves the table's rows to disk, parted by their keys' hashes.</summary>
    private Partitions PartTable(int depth)
    {
        Partitions partitions = new(State, _spec.RightKinds, depth);
        Column[] columns = _table.Columns;
        for (int start = 0; start < _table.RowCount; start += ColumnBatch.MaxRows)
        {
            State.CheckCancelled();
            int count = Math.Min(ColumnBatch.MaxRows, _table.RowCount - start);
            // The start is a multiple of 8, as slices want it.
            ColumnBatch slice = new([.. columns.Select(c => c.Slice(start, count))], count);
            partitions.Write(slice.Columns, slice.Selection, _rightHasher.Hash(Evaluate(_rightKeys, slice), slice.Selection));
        }
        _rightHasNulls |= _table.HasNullKeys;
        _table.Clear();
        _memory.Clear();
        return partitions;
    }

    private void PartLeft()
    {
        Part root = _parts.Peek();
        root.Left = new Partitions(State, _spec.LeftKinds, 0);
        while (_left.Next() is { } batch) root.Left.Write(batch.Columns, batch.Selection, _leftHasher.Hash(Evaluate(_leftKeys, batch), batch.Selection));
    }

    /// <summary>Loads the next part's right rows and starts reading its left rows; parts it again if it is too large. False if there is none.</summary>
    private bool NextPart()
    {
        while (_parts.Count > 0)
        {
            Part part = _parts.Peek();
            if (part.Place == Partitions.Fanout)
            {
                _parts.Pop().Dispose();
                continue;
            }
            int place = part.Place++;
            if (part.Left!.RowsIn(place) == 0 && (!_spec.GivesUnmatchedRight || part.Right.RowsIn(place) == 0)) continue;
            if (TryLoad(part, place)) return true;
        }
        _part = null;
        return false;
    }

    private bool TryLoad(Part part, int place)
    {
        _table.Clear();
        SpillFile.RunReader right = part.Right.Read(place);
        bool mayPartAgain = part.Depth + 1 < Partitions.MaxDepth && !State.Options.ForceSpill;
        while (right.Next() is { } batch)
        {
            State.CheckCancelled();
            _table.Add(batch.Columns, Evaluate(_rightKeys, batch), batch.Selection);
            _memory.Set(_table.MemoryBytes);
            if (!_memory.IsOver || !mayPartAgain) continue;
            PartAgain(part, place, right);
            return false;
        }
        _table.Finish(_spec.GivesUnmatchedRight);
        _probe.SetNullRule(_rightHasRows, _rightHasNulls);
        _probe.Begin();
        part.LeftReader = part.Left!.Read(place);
        _part = part;
        return true;
    }

    private void PartAgain(Part part, int place, SpillFile.RunReader rest)
    {
        int depth = part.Depth + 1;
        Part deeper = new() { Right = PartTable(depth), Left = new Partitions(State, _spec.LeftKinds, depth), Depth = depth };
        _parts.Push(deeper);
        while (rest.Next() is { } batch) deeper.Right.Write(batch.Columns, batch.Selection, _rightHasher.Hash(Evaluate(_rightKeys, batch), batch.Selection));
        SpillFile.RunReader left = part.Left!.Read(place);
        while (left.Next() is { } batch) deeper.Left.Write(batch.Columns, batch.Selection, _leftHasher.Hash(Evaluate(_leftKeys, batch), batch.Selection));
    }

    private void ClearParts()
    {
        while (_parts.Count > 0) _parts.Pop().Dispose();
        _part = null;
    }

    /// <summary>Both sides, parted at one depth; <see cref="Place"/> is the next part to join.</summary>
    private sealed class Part : IDisposable
    {
        public required Partitions Right { get; init; }
        public Partitions? Left { get; set; }
        public int Depth { get; init; }
        public int Place { get; set; }
        public SpillFile.RunReader? LeftReader { get; set; }

        public void Dispose()
        {
            Right.Dispose();
            Left?.Dispose();
        }
    }
}
