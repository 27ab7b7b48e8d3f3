using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>Adds constraints to a table that is in the catalog already (new or existing): checks, keys with their indexes, foreign keys (put off until all keys are there).</summary>
internal sealed class TableConstraints(DdlContext context, uint tableOid)
{
    private readonly StoredExpressions _expressions = new(context);
    private readonly List<Action> _foreignKeys = [];

    /// <summary>Set for a table that may have rows: they are tested, unless NOT VALID is said.</summary>
    public bool VerifiesRows { get; init; }

    private TableObject Table => context.Catalog.Find<TableObject>(tableOid)!;

    public void AddColumnConstraints(ColumnDefinition column)
    {
        foreach (ColumnConstraint constraint in column.Constraints)
        {
            switch (constraint)
            {
                case CheckColumnConstraint check: AddCheck(check.Name, check.Condition, column.Name, constraint.Attributes, constraint.Span.Start); break;
                case UniqueColumnConstraint key: AddKey(key.Name, key.IsPrimaryKey, [column.Name], [], key.NullsNotDistinct, constraint.Attributes, constraint.Span.Start); break;
                case ReferencesConstraint reference:
                    _foreignKeys.Add(() => AddForeignKey(reference.Name, [column.Name], reference.Reference, reference.Attributes, reference.Span.Start));
                    break;
            }
        }
    }

    public void Add(TableConstraint constraint)
    {
        int position = constraint.Span.Start;
        switch (constraint)
        {
            case CheckTableConstraint check: AddCheck(check.Name, check.Condition, null, check.Attributes, position); break;
            case UniqueTableConstraint { UsingIndex: { } index } key: AddKeyUsing(key, index, position); break;
            case UniqueTableConstraint key: AddKey(key.Name, key.IsPrimaryKey, key.Columns, key.Include, key.NullsNotDistinct, key.Attributes, position); break;
            case ForeignKeyConstraint foreign: _foreignKeys.Add(() => AddForeignKey(foreign.Name, foreign.Columns, foreign.Reference, foreign.Attributes, position)); break;
            case ExcludeConstraint: throw SqlException.NotSupported("exclusion constraints (EXCLUDE)", position);
            default: throw Invariant.Unreachable(constraint);
        }
    }

    public void AddForeignKeys()
    {
        foreach (Action add in _foreignKeys) add();
        _foreignKeys.Clear();
    }

    private void AddCheck(string? name, Expression condition, string? column, ConstraintAttributes? attributes, int position)
    {
        if (attributes?.IsDeferrable == true) throw new SqlException(SqlState.FeatureNotSupported, "CHECK constraints cannot be marked DEFERRABLE", position);
        string text = _expressions.Condition(condition, Table);
        string? only = column ?? OnlyColumn(condition);
        AddConstraint(new ConstraintObject
        {
            Oid = context.Transaction.AllocateOid(), Name = NewName(name, only, "check", position), Kind = ConstraintKind.Check, Expression = text, IsValidated = attributes?.NotValid != true,
        });
    }

    private void AddKey(string? name, bool isPrimary, IReadOnlyList<string> columns, IReadOnlyList<string> include, bool nullsNotDistinct, ConstraintAttributes? attributes, int position)
    {
        if (isPrimary && Table.Constraints.Any(c => c.Kind == ConstraintKind.PrimaryKey))
            throw new SqlException(SqlState.InvalidTableDefinition, $"multiple primary keys for table \"{Table.Name}\" are not allowed", position);
        if (attributes?.IsDeferrable == true) throw SqlException.NotSupported("a DEFERRABLE unique constraint", position);
        ColumnObject[] keys = Columns(columns, position, "key");
        foreach (IGrouping<string, string> repeated in columns.GroupBy(c => c).Where(g => g.Count() > 1))
            throw new SqlException(SqlState.DuplicateColumn, $"column \"{repeated.Key}\" appears twice in {(isPrimary ? "primary key" : "unique")} constraint", position);
        if (isPrimary) SetNotNull(keys);
        string chosen = name ?? ObjectNames.ChooseRelation(context.Catalog, Table.Schema, Table.Name, isPrimary ? null : string.Join('_', columns), isPrimary ? "pkey" : "key");
        new CatalogNames(context).CheckNewRelation(Table.Schema, chosen);
        foreach (ColumnObject key in keys.Where(k => !TypeHandlers.Of(k.Type.Oid, context.Catalog).IsOrderable))
        {
            throw new SqlException(SqlState.UndefinedObject, $"data type {TypeNames.Display(key.Type, context.Catalog)} has no default operator class for access method \"btree\"", position,
                hint: "You must specify an operator class for the index or define a default operator class for the data type.");
        }
        IndexObject index = new()
        {
            Oid = context.Transaction.AllocateOid(), Name = chosen, Schema = Table.Schema, Owner = Table.Owner, Table = tableOid, Method = "btree", Persistence = Table.Persistence,
            Keys = [.. keys.Select(k => new IndexKey { Column = k.Number, Type = k.Type })], Included = [.. Columns(include, position, "key").Select(c => c.Number)],
            IsUnique = true, IsPrimary = isPrimary, NullsNotDistinct = nullsNotDistinct,
        };
        new CreateIndexCommand(context).Build(index);
        AddConstraint(new ConstraintObject
        {
            Oid = context.Transaction.AllocateOid(), Name = chosen, Kind = isPrimary ? ConstraintKind.PrimaryKey : ConstraintKind.Unique, Columns = [.. keys.Select(k => k.Number)], IndexOid = index.Oid,
        });
    }

    private void AddKeyUsing(UniqueTableConstraint key, string indexName, int position)
    {
        IndexObject index = context.Catalog.FindRelation(Table.Schema, indexName) as IndexObject
            ?? throw new SqlException(SqlState.UndefinedObject, $"index \"{indexName}\" does not exist", position);
        if (index.Table != tableOid) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"index \"{indexName}\" does not belong to table \"{Table.Name}\"", position);
        if (!index.IsUnique) throw new SqlException(SqlState.WrongObjectType, $"\"{indexName}\" is not a unique index", position);
        if (index.Predicate is not null || index.Keys.Any(k => k.Column == 0))
            throw new SqlException(SqlState.WrongObjectType, $"index \"{indexName}\" contains expressions or a predicate", position, "Cannot create a primary key or unique constraint using such an index.");
        if (key.IsPrimaryKey) SetNotNull([.. index.Keys.Select(k => Table.Columns[k.Column - 1])]);
        string name = key.Name ?? indexName;
        if (name != indexName) context.Skip(SqlState.SuccessfulCompletion, $"ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"{indexName}\" to \"{name}\"");
        context.Transaction.Put(index with { Name = name, IsPrimary = key.IsPrimaryKey });
        AddConstraint(new ConstraintObject
        {
            Oid = context.Transaction.AllocateOid(), Name = name, Kind = key.IsPrimaryKey ? ConstraintKind.PrimaryKey : ConstraintKind.Unique, Columns = [.. index.Keys.Select(k => k.Column)],
            IndexOid = index.Oid,
        });
    }

    private void AddForeignKey(string? name, IReadOnlyList<string> columns, ForeignKeyReference reference, ConstraintAttributes? attributes, int position)
    {
        if (reference.Match == ForeignKeyMatch.Partial) throw new SqlException(SqlState.FeatureNotSupported, "MATCH PARTIAL not yet implemented", position);
        TableObject referenced = new CatalogNames(context).Table(reference.Table);
        ColumnObject[] keys = Columns(columns, position, "referencing");
        ConstraintObject target = ReferencedKey(referenced, reference, position);
        if (target.Columns.Length != keys.Length)
            throw new SqlException(SqlState.InvalidForeignKey, "number of referencing and referenced columns for foreign key disagree", position);
        for (int i = 0; i < keys.Length; i++) CheckComparable(context, keys[i], referenced.Columns[target.Columns[i] - 1], name ?? ObjectNames.Make(Table.Name, keys[i].Name, "fkey"), position);
        if (reference.OnDelete?.Columns.Count > 0) throw SqlException.NotSupported("ON DELETE SET NULL or SET DEFAULT of single columns", position);
        string chosen = NewName(name, string.Join('_', columns), "fkey", position);
        AddConstraint(new ConstraintObject
        {
            Oid = context.Transaction.AllocateOid(), Name = chosen, Kind = ConstraintKind.ForeignKey, Columns = [.. keys.Select(k => k.Number)], ReferencedTable = referenced.Oid,
            ReferencedColumns = target.Columns, IndexOid = target.IndexOid, OnUpdate = ActionOf(reference.OnUpdate), OnDelete = ActionOf(reference.OnDelete),
            MatchType = reference.Match == ForeignKeyMatch.Full ? 'f' : 's', IsDeferrable = attributes?.IsDeferrable ?? attributes?.InitiallyDeferred ?? false,
            IsInitiallyDeferred = attributes?.InitiallyDeferred ?? false, IsValidated = attributes?.NotValid != true,
        });
    }

    /// <summary>The unique key that a foreign key refers to: by columns in any order, or the primary key if none are named.</summary>
    private ConstraintObject ReferencedKey(TableObject referenced, ForeignKeyReference reference, int position)
    {
        if (reference.Columns.Count == 0)
        {
            return referenced.Constraints.FirstOrDefault(c => c.Kind == ConstraintKind.PrimaryKey)
                ?? throw new SqlException(SqlState.UndefinedObject, $"there is no primary key for referenced table \"{referenced.Name}\"", position);
        }
        ImmutableArray<short> wanted = [.. reference.Columns.Select(name => (referenced.LiveColumns.FirstOrDefault(c => c.Name == name)
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" referenced in foreign key constraint does not exist", position)).Number)];
        IndexObject? index = context.Catalog.IndexesOf(referenced.Oid).FirstOrDefault(i => i.IsUnique && i.Predicate is null && i.Keys.Length == wanted.Length
            && i.Keys.All(k => k.Column != 0 && wanted.Contains(k.Column)));
        if (index is null) throw new SqlException(SqlState.InvalidForeignKey, $"there is no unique constraint matching given keys for referenced table \"{referenced.Name}\"", position);
        return new ConstraintObject { Oid = 0, Name = "", Kind = ConstraintKind.Unique, Columns = wanted, IndexOid = index.Oid };
    }

    /// <summary>42804 unless the two columns' types have an equality in common.</summary>
    public static void CheckComparable(DdlContext context, ColumnObject key, ColumnObject referenced, string name, int position)
    {
        bool same = key.Type.Oid == referenced.Type.Oid || Builtins.FindType(key.Type.Oid)?.Category is { } category && category == Builtins.FindType(referenced.Type.Oid)?.Category && category != 'U';
        if (same) return;
        throw new SqlException(SqlState.DatatypeMismatch, $"foreign key constraint \"{name}\" cannot be implemented", position,
            $"Key columns \"{key.Name}\" and \"{referenced.Name}\" are of incompatible types: {TypeNames.Display(key.Type, context.Catalog)} and {TypeNames.Display(referenced.Type, context.Catalog)}.");
    }

    private ColumnObject[] Columns(IReadOnlyList<string> names, int position, string role) => [.. names.Select(name => Table.LiveColumns.FirstOrDefault(c => c.Name == name)
        ?? throw new SqlException(SqlState.UndefinedColumn, role == "referencing"
            ? $"column \"{name}\" referenced in foreign key constraint does not exist"
            : $"column \"{name}\" named in key does not exist", position))];

    private void SetNotNull(IReadOnlyList<ColumnObject> columns)
    {
        TableObject table = Table;
        ImmutableArray<ColumnObject> changed = table.Columns;
        foreach (ColumnObject column in columns) changed = changed.SetItem(column.Number - 1, column with { NotNull = true });
        if (changed.SequenceEqual(table.Columns)) return;
        if (VerifiesRows)
            foreach (ColumnObject column in columns.Where(c => !c.NotNull)) new RowVerification(context).NotNull(table, column);
        context.Transaction.Put(table with { Columns = changed });
    }

    private void AddConstraint(ConstraintObject constraint)
    {
        if (VerifiesRows && constraint.IsValidated) new RowVerification(context).Constraint(Table, constraint);
        context.Transaction.Put(Table with { Constraints = Table.Constraints.Add(constraint) });
    }

    private string NewName(string? given, string? column, string label, int position)
    {
        if (given is null) return ObjectNames.Choose(Table.Name, column, label, name => Table.Constraints.Any(c => c.Name == name));
        if (Table.Constraints.Any(c => c.Name == given))
            throw new SqlException(SqlState.DuplicateObject, $"constraint \"{given}\" for relation \"{Table.Name}\" already exists", position);
        return given;
    }

    private static string? OnlyColumn(Expression condition)
    {
        HashSet<string> names = [];
        SyntaxRewriter.Walk(condition, n => { if (n is ColumnRef { IsStar: false } column) names.Add(column.Parts[^1]); });
        return names.Count == 1 ? names.Single() : null;
    }

    private static ReferentialAction ActionOf(ForeignKeyAction? action) => action?.Kind switch
    {
        ForeignKeyActionKind.Restrict => ReferentialAction.Restrict,
        ForeignKeyActionKind.Cascade => ReferentialAction.Cascade,
        ForeignKeyActionKind.SetNull => ReferentialAction.SetNull,
        ForeignKeyActionKind.SetDefault => ReferentialAction.SetDefault,
        _ => ReferentialAction.NoAction,
    };
}
