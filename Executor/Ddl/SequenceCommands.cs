using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;

namespace VecSql.Executor.Ddl;

/// <summary>CREATE SEQUENCE, and the sequences of serial and identity columns.</summary>
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

    /// <summary>A sequence from its options, each at most once; checks as PostgreSQL's.</summary>
    /// <param name="columnType">The type of the column that it serves; null: AS, or bigint.</param>
    public SequenceObject Define(uint schema, string name, IReadOnlyList<SequenceOption> options, SqlType? columnType)
    {
        foreach (IGrouping<SequenceOptionKind, SequenceOption> group in options.GroupBy(o => Canonical(o.Kind)).Where(g => g.Count() > 1))
            throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options", group.Last().Span.Start);
        SqlType type = Find(SequenceOptionKind.As)?.Type is { } given ? context.ResolveType(given) : columnType ?? SqlType.Int8;
        (long low, long high) = type.Oid switch
        {
            TypeOid.Int2 => (short.MinValue, short.MaxValue),
            TypeOid.Int4 => (int.MinValue, int.MaxValue),
            TypeOid.Int8 => (long.MinValue, long.MaxValue),
            _ => throw new SqlException(SqlState.InvalidParameterValue, "sequence type must be smallint, integer, or bigint"),
        };
        long increment = Number(SequenceOptionKind.Increment) ?? 1;
        if (increment == 0) throw new SqlException(SqlState.InvalidParameterValue, "INCREMENT must not be zero");
        long maximum = Number(SequenceOptionKind.MaxValue) ?? (increment > 0 ? high : -1);
        long minimum = Number(SequenceOptionKind.MinValue) ?? (increment > 0 ? 1 : low);
        if (maximum < low || maximum > high) throw OutOfType("MAXVALUE", maximum, type);
        if (minimum < low || minimum > high) throw OutOfType("MINVALUE", minimum, type);
        if (minimum >= maximum) throw new SqlException(SqlState.InvalidParameterValue, $"MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})");
        long start = Number(SequenceOptionKind.Start) ?? (increment > 0 ? minimum : maximum);
        if (start < minimum) throw new SqlException(SqlState.InvalidParameterValue, $"START value ({start}) cannot be less than MINVALUE ({minimum})");
        if (start > maximum) throw new SqlException(SqlState.InvalidParameterValue, $"START value ({start}) cannot be greater than MAXVALUE ({maximum})");
        long cache = Number(SequenceOptionKind.Cache) ?? 1;
        if (cache <= 0) throw new SqlException(SqlState.InvalidParameterValue, $"CACHE ({cache}) must be greater than zero");
        return new SequenceObject
        {
            Oid = context.Transaction.AllocateOid(), Name = name, Schema = schema, Owner = context.CurrentRole, Type = type, Start = start, Increment = increment, Minimum = minimum,
            Maximum = maximum, Cache = cache, Cycles = Find(SequenceOptionKind.Cycle) is not null,
        };

        SequenceOption? Find(SequenceOptionKind kind) => options.FirstOrDefault(o => o.Kind == kind);
        long? Number(SequenceOptionKind kind) => Find(kind)?.Number is not { } text ? null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value
            : throw new SqlException(SqlState.InvalidParameterValue, $"value \"{text}\" is out of range for type bigint", Find(kind)!.Span.Start);
    }

    private SequenceObject OwnedBy(SequenceObject sequence, QualifiedName owner, CatalogNames names)
    {
        if (owner.Parts is ["none"]) return sequence;
        TableObject table = names.Table(new QualifiedName([.. owner.Parts.Take(owner.Parts.Count - 1)]) { Span = owner.Span });
        ColumnObject column = table.LiveColumns.FirstOrDefault(c => c.Name == owner.Name)
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{owner.Name}\" of relation \"{table.Name}\" does not exist", owner.Span.Start);
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
