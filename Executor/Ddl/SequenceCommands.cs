using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>CREATE and ALTER SEQUENCE, and the sequences of serial and identity columns.</summary>
internal sealed class SequenceCommands(DdlContext context)
{
    public string Create(CreateSequenceStatement statement)
    {
        CatalogNames names = new(context);
        uint schema = names.CreationSchema(statement.Name, statement.Persistence == Persistence.Temporary);
        if (context.Catalog.FindRelation(schema, statement.Name.Name) is not null && statement.IfNotExists)
        {
            context.Skip(SqlState.DuplicateTable, $"relation \"{statement.Name.Name}\" already exists, skipping");
            return "CREATE SEQUENCE";
        }
        names.CheckNewRelation(schema, statement.Name.Name);
        SequenceObject sequence = Define(schema, statement.Name.Name, statement.Options, null) with
        {
            Persistence = statement.Persistence switch { Persistence.Temporary => 't', Persistence.Unlogged => 'u', _ => 'p' },
        };
        if (statement.Options.FirstOrDefault(o => o.Kind == SequenceOptionKind.OwnedBy)?.Name is { } owner) sequence = OwnedBy(sequence, owner, names);
        context.Transaction.Put(sequence);
        return "CREATE SEQUENCE";
    }

    public string Alter(AlterSequenceStatement statement)
    {
        CatalogNames names = new(context);
        if (names.FindRelation(statement.Name) is not { } relation)
        {
            if (!statement.IfExists) names.Relation(statement.Name);
            context.Skip(SqlState.SuccessfulCompletion, $"relation \"{CatalogNames.Display(statement.Name)}\" does not exist, skipping");
            return "ALTER SEQUENCE";
        }
        SequenceObject sequence = relation as SequenceObject ?? throw new SqlException(SqlState.WrongObjectType, $"\"{relation.Name}\" is not a sequence", -1,
            $"This operation is not supported for {ObjectText.Noun(relation.Kind)}s.");
        new Ownership(context).Check(sequence);
        Change(sequence, statement.Options, isIdentity: false);
        return "ALTER SEQUENCE";
    }

    /// <summary>ALTER SEQUENCE's options on an existing sequence.</summary>
    public void Change(SequenceObject sequence, IReadOnlyList<SequenceOption> options, bool isIdentity)
    {
        if (options.FirstOrDefault(o => o.Kind == SequenceOptionKind.OwnedBy) is { } owned)
        {
            if (isIdentity || sequence.IsInternal)
                throw new SqlException(SqlState.FeatureNotSupported, "cannot change ownership of identity sequence", detail: $"Sequence \"{sequence.Name}\" is linked to table \"{context.Catalog.Find<TableObject>(sequence.OwnerTable)?.Name}\".");
        }
        SequenceObject changed = Merge(sequence, options, null, isNew: false);
        if (options.FirstOrDefault(o => o.Kind == SequenceOptionKind.OwnedBy)?.Name is { } owner) changed = OwnedBy(changed with { OwnerTable = 0, OwnerColumn = 0 }, owner, new CatalogNames(context));
        (long last, bool isCalled, _) = context.Store.ReadSequence(sequence);
        SequenceOption? restart = options.FirstOrDefault(o => o.Kind == SequenceOptionKind.Restart);
        if (restart is not null) (last, isCalled) = (restart.Number is null ? changed.Start : Number(restart), false);
        if (last < changed.Minimum) throw new SqlException(SqlState.InvalidParameterValue, $"RESTART value ({last}) cannot be less than MINVALUE ({changed.Minimum})");
        if (last > changed.Maximum) throw new SqlException(SqlState.InvalidParameterValue, $"RESTART value ({last}) cannot be greater than MAXVALUE ({changed.Maximum})");
        context.Transaction.Put(changed);
        if (restart is not null) context.Store.SetValue(changed, last, isCalled);
    }

    /// <summary>A sequence from its options, each at most once; checks as PostgreSQL's.</summary>
    /// <param name="columnType">The type of the column that it serves; null: AS, or bigint.</param>
    public SequenceObject Define(uint schema, string name, IReadOnlyList<SequenceOption> options, SqlType? columnType)
    {
        SequenceObject empty = new() { Oid = context.Transaction.AllocateOid(), Name = name, Schema = schema, Owner = context.CurrentRole, Type = columnType ?? SqlType.Int8 };
        return Merge(empty, options, columnType, isNew: true);
    }

    private SequenceObject Merge(SequenceObject old, IReadOnlyList<SequenceOption> options, SqlType? columnType, bool isNew)
    {
        foreach (IGrouping<SequenceOptionKind, SequenceOption> group in options.GroupBy(o => Canonical(o.Kind)).Where(g => g.Count() > 1))
            throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options", group.Last().Span.Start);
        SqlType type = Find(SequenceOptionKind.As)?.Type is { } given ? context.ResolveType(given) : columnType ?? old.Type;
        (long low, long high) = Bounds(type);
        long increment = NumberOf(SequenceOptionKind.Increment) ?? old.Increment;
        if (increment == 0) throw new SqlException(SqlState.InvalidParameterValue, "INCREMENT must not be zero");
        // Another type brings its own bounds where the old ones were the old type's.
        (long oldLow, long oldHigh) = Bounds(old.Type);
        bool resetsMaximum = isNew || Find(SequenceOptionKind.NoMaxValue) is not null || type != old.Type && old.Maximum == (increment > 0 ? oldHigh : -1);
        bool resetsMinimum = isNew || Find(SequenceOptionKind.NoMinValue) is not null || type != old.Type && old.Minimum == (increment > 0 ? 1 : oldLow);
        long maximum = NumberOf(SequenceOptionKind.MaxValue) ?? (resetsMaximum ? increment > 0 ? high : -1 : old.Maximum);
        long minimum = NumberOf(SequenceOptionKind.MinValue) ?? (resetsMinimum ? increment > 0 ? 1 : low : old.Minimum);
        if (maximum < low || maximum > high) throw OutOfType("MAXVALUE", maximum, type);
        if (minimum < low || minimum > high) throw OutOfType("MINVALUE", minimum, type);
        if (minimum >= maximum) throw new SqlException(SqlState.InvalidParameterValue, $"MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})");
        long start = NumberOf(SequenceOptionKind.Start) ?? (isNew ? increment > 0 ? minimum : maximum : old.Start);
        if (start < minimum) throw new SqlException(SqlState.InvalidParameterValue, $"START value ({start}) cannot be less than MINVALUE ({minimum})");
        if (start > maximum) throw new SqlException(SqlState.InvalidParameterValue, $"START value ({start}) cannot be greater than MAXVALUE ({maximum})");
        long cache = NumberOf(SequenceOptionKind.Cache) ?? old.Cache;
        if (cache <= 0) throw new SqlException(SqlState.InvalidParameterValue, $"CACHE ({cache}) must be greater than zero");
        bool cycles = Find(SequenceOptionKind.Cycle) is not null || old.Cycles && Find(SequenceOptionKind.NoCycle) is null;
        return old with { Type = type, Start = start, Increment = increment, Minimum = minimum, Maximum = maximum, Cache = cache, Cycles = cycles };

        SequenceOption? Find(SequenceOptionKind kind) => options.FirstOrDefault(o => o.Kind == kind);
        long? NumberOf(SequenceOptionKind kind) => Find(kind) is { Number: not null } option ? Number(option) : null;
    }

    private static (long Low, long High) Bounds(SqlType type) => type.Oid switch
    {
        TypeOid.Int2 => (short.MinValue, short.MaxValue),
        TypeOid.Int4 => (int.MinValue, int.MaxValue),
        TypeOid.Int8 => (long.MinValue, long.MaxValue),
        _ => throw new SqlException(SqlState.InvalidParameterValue, "sequence type must be smallint, integer, or bigint"),
    };

    private static long Number(SequenceOption option) => long.TryParse(option.Number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value
        : throw new SqlException(SqlState.InvalidParameterValue, $"value \"{option.Number}\" is out of range for type bigint", option.Span.Start);

    private SequenceObject OwnedBy(SequenceObject sequence, QualifiedName owner, CatalogNames names)
    {
        if (owner.Parts is ["none"]) return sequence;
        if (owner.Parts.Count == 1) throw new SqlException(SqlState.SyntaxError, "invalid OWNED BY option", owner.Span.Start, hint: "Specify OWNED BY table.column or OWNED BY NONE.");
        TableObject table = names.Table(new QualifiedName([.. owner.Parts.Take(owner.Parts.Count - 1)]) { Span = owner.Span });
        ColumnObject column = table.LiveColumns.FirstOrDefault(c => c.Name == owner.Name)
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{owner.Name}\" of relation \"{table.Name}\" does not exist", owner.Span.Start);
        if (table.Owner != sequence.Owner) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "sequence must have same owner as table it is linked to");
        if (table.Schema != sequence.Schema) throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "sequence must be in same schema as table it is linked to");
        return sequence with { OwnerTable = table.Oid, OwnerColumn = column.Number };
    }

    private static SqlException OutOfType(string what, long value, SqlType type) =>
        new(SqlState.InvalidParameterValue, $"{what} ({value}) is out of range for sequence data type {TypeNames.Display(type, null)}");

    private static SequenceOptionKind Canonical(SequenceOptionKind kind) => kind switch
    {
        SequenceOptionKind.NoCycle => SequenceOptionKind.Cycle,
        SequenceOptionKind.NoMaxValue => SequenceOptionKind.MaxValue,
        SequenceOptionKind.NoMinValue => SequenceOptionKind.MinValue,
        _ => kind,
    };
}
