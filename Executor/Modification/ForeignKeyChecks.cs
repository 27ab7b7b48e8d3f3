using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Executor.Expressions;
using VecSql.Executor.Rows;

namespace VecSql.Executor.Modification;

/// <summary>
/// Notes, for one table and one statement, which foreign keys its changes touch: new child keys to look for in the parent, old parent keys that children may refer to.
/// The work itself is done at the statement's end (<see cref="ReferentialActions"/>), or at commit for deferred constraints.
/// </summary>
internal sealed class ForeignKeyChecks
{
    private readonly ExecutionState _state;
    private readonly short[] _attributes;
    private readonly Outgoing[] _outgoing;
    private readonly Incoming[] _incoming;

    public ForeignKeyChecks(ExecutionState state, TableObject table)
    {
        _state = state;
        _attributes = [.. table.LiveColumns.Select(c => c.Number)];
        _outgoing = [.. ForeignKey.Outgoing(table, state.Catalog).Select(k => new Outgoing(state, k))];
        _incoming = [.. ForeignKey.Incoming(table, state.Catalog).Select(k => new Incoming(state, k))];
        if (_outgoing.Length + _incoming.Length > 0) state.Actions.Add(this);
    }

    public IReadOnlyList<Outgoing> ChildKeys => _outgoing;
    public IReadOnlyList<Incoming> ParentKeys => _incoming;

    /// <summary>Rows (all live columns) that were inserted.</summary>
    public void Inserted(ColumnBatch rows)
    {
        foreach (Outgoing key in _outgoing) key.Note(Pick(rows, key.Key.ChildColumns), rows.Selection);
    }

    /// <summary>Rows that are about to be deleted.</summary>
    public void Deleting(ColumnBatch rows)
    {
        foreach (Incoming key in _incoming) key.Note(Pick(rows, key.Key.ParentColumns), null, rows.Selection);
    }

    /// <summary>Rows that are about to be replaced; both batches have the same selection.</summary>
    public void Updating(ColumnBatch old, ColumnBatch changed)
    {
        foreach (Outgoing key in _outgoing)
        {
            Selection rows = Differing(Pick(old, key.Key.ChildColumns), Pick(changed, key.Key.ChildColumns), key.Key.ChildTypes, changed.Selection);
            if (rows.Count > 0) key.Note(Pick(changed, key.Key.ChildColumns), rows);
        }
        foreach (Incoming key in _incoming)
        {
            Column[] before = Pick(old, key.Key.ParentColumns), after = Pick(changed, key.Key.ParentColumns);
            Selection rows = Differing(before, after, key.Key.ParentTypes, changed.Selection);
            if (rows.Count > 0) key.Note(before, after, rows);
        }
    }

    private Column[] Pick(ColumnBatch rows, short[] columns) => [.. columns.Select(c => rows[Array.IndexOf(_attributes, c)])];

    private Selection Differing(Column[] before, Column[] after, SqlType[] types, Selection rows)
    {
        int[] differing = new int[rows.Count];
        int count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            bool differs = false;
            for (int k = 0; k < before.Length && !differs; k++)
            {
                bool isNull = before[k].IsNull(row);
                differs = isNull != after[k].IsNull(row) || (!isNull && _state.HandlerOf(types[k]).Compare(before[k], row, after[k], row) != 0);
            }
            if (differs) differing[count++] = row;
        }
        return Selection.Of(differing, count);
    }

    /// <summary>New keys of child rows, each once.</summary>
    internal sealed class Outgoing(ExecutionState state, ForeignKey key)
    {
        private readonly FirstRows _distinct = new(KeyTable.Create(state, key.ChildTypes));
        private readonly SelectionBuffer _present = new();

        public ForeignKey Key => key;
        public RowBuffer Keys { get; } = new(state.KindsOf(key.ChildTypes), 16);

        public void Note(Column[] columns, Selection rows)
        {
            Selection present = rows;
            foreach (Column column in columns)
                if (column.MayHaveNulls) present = _present.WhereNotNull(column, present);
            if (key.Constraint.MatchType == 'f' && present.Count < rows.Count) CheckFullMatch(columns, rows);
            if (present.Count > 0) Keys.Append(columns, _distinct.Take(columns, present));
        }

        public void Clear()
        {
            Keys.Reset();
            _distinct.Keys.Clear();
        }

        private void CheckFullMatch(Column[] columns, Selection rows)
        {
            for (int i = 0; i < rows.Count; i++)
            {
                int nulls = columns.Count(c => c.IsNull(rows[i]));
                if (nulls == 0 || nulls == columns.Length) continue;
                throw new SqlException(SqlState.ForeignKeyViolation, $"insert or update on table \"{key.Child.Name}\" violates foreign key constraint \"{key.Constraint.Name}\"",
                    detail: "MATCH FULL does not allow mixing of null and nonnull key values.") { TableName = key.Child.Name, ConstraintName = key.Constraint.Name };
            }
        }
    }

    /// <summary>Keys that left the parent by deletion, or changed (then with the new ones beside them).</summary>
    internal sealed class Incoming(ExecutionState state, ForeignKey key)
    {
        public ForeignKey Key => key;
        public RowBuffer Deleted { get; } = new(state.KindsOf(key.ParentTypes), 16);
        public RowBuffer Updated { get; } = new(state.KindsOf(key.ParentTypes), 16);
        public RowBuffer UpdatedTo { get; } = new(state.KindsOf(key.ParentTypes), 16);

        public void Note(Column[] before, Column[]? after, Selection rows)
        {
            (after is null ? Deleted : Updated).Append(before, rows);
            if (after is not null) UpdatedTo.Append(after, rows);
        }

        public void Clear()
        {
            Deleted.Reset();
            Updated.Reset();
            UpdatedTo.Reset();
        }
    }
}
