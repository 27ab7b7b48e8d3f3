using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.SystemTables;
using VecSql.Core.Types;
using VecSql.Parser.Ast;
using VecSql.Parser.Deparsing;

namespace VecSql.Executor.Ddl;

/// <summary>Columns of a new table, or one added to an existing one: types, defaults, serial and identity sequences.</summary>
internal sealed class TableColumns(DdlContext context, uint schema, string tableName, int firstNumber = 1)
{
    private const int MaxColumns = 1600;
    private readonly StoredExpressions _expressions = new(context);
    private readonly List<ColumnObject> _columns = [];

    public ImmutableArray<ColumnObject> Columns => [.. _columns];

    /// <param name="table">The table's number: sequences are owned by it.</param>
    public void Add(ColumnDefinition definition, uint table)
    {
        if (_columns.Any(c => c.Name == definition.Name))
            throw new SqlException(SqlState.DuplicateColumn, $"column \"{definition.Name}\" specified more than once", definition.Span.Start);
        if (IsSystemColumn(definition.Name))
            throw new SqlException(SqlState.DuplicateColumn, $"column name \"{definition.Name}\" conflicts with a system column name", definition.Span.Start);
        short number = checked((short)(firstNumber + _columns.Count));
        if (number > MaxColumns) throw new SqlException(SqlState.TooManyColumns, $"tables can have at most {MaxColumns} columns");
        TypeName typeName = definition.Type ?? throw SqlException.NotSupported("a column without a type", definition.Span.Start);
        SqlType? serial = SerialType(typeName);
        SqlType type = serial ?? context.ResolveType(typeName);
        CheckType(definition, type);
        ColumnObject column = new() { Number = number, Name = definition.Name, Type = type, Collation = CollationOf(definition, type) };
        if (serial is not null) column = WithSequence(column, table, [], isInternal: false) with { NotNull = true };
        _columns.Add(WithConstraints(column, definition, table));
    }

    private ColumnObject WithConstraints(ColumnObject column, ColumnDefinition definition, uint table)
    {
        bool? notNull = null;
        foreach (ColumnConstraint constraint in definition.Constraints)
        {
            switch (constraint)
            {
                case NotNullConstraint when notNull == false:
                case NullConstraint when notNull == true:
                    throw new SqlException(SqlState.SyntaxError, $"conflicting NULL/NOT NULL declarations for column \"{column.Name}\" of table \"{tableName}\"", constraint.Span.Start);
                case NotNullConstraint:
                    notNull = true;
                    column = column with { NotNull = true };
                    break;
                case NullConstraint:
                    notNull = false;
                    break;
                case DefaultConstraint @default:
                    if (column.Default is not null)
                        throw new SqlException(SqlState.SyntaxError, $"multiple default values specified for column \"{column.Name}\" of table \"{tableName}\"", constraint.Span.Start);
                    column = column with { Default = _expressions.Default(@default.Value, column.Type, column.Name) };
                    break;
                case IdentityConstraint identity:
                    column = WithIdentity(column, identity, table);
                    break;
                case GeneratedConstraint when column.Default is not null:
                    throw new SqlException(SqlState.SyntaxError, $"both default and generation expression specified for column \"{column.Name}\" of table \"{tableName}\"", constraint.Span.Start);
                case UniqueColumnConstraint { IsPrimaryKey: true }:
                    column = column with { NotNull = true };
                    break;
            }
        }
        return column;
    }

    /// <summary>The column as an identity column, with a new sequence.</summary>
    public ColumnObject WithIdentity(ColumnObject column, IdentityConstraint identity, uint table)
    {
        if (column.Identity != '\0')
            throw new SqlException(SqlState.SyntaxError, $"multiple identity specifications for column \"{column.Name}\" of table \"{tableName}\"", identity.Span.Start);
        if (column.Default is not null)
            throw new SqlException(SqlState.SyntaxError, $"both default and identity specified for column \"{column.Name}\" of table \"{tableName}\"", identity.Span.Start);
        if (column.Type.Oid is not (TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8))
            throw new SqlException(SqlState.InvalidParameterValue, "identity column type must be smallint, integer, or bigint", identity.Span.Start);
        ColumnObject withSequence = WithSequence(column, table, identity.Options, isInternal: true);
        return withSequence with { Identity = identity.IsAlways ? 'a' : 'd', NotNull = true, Default = null };
    }

    private ColumnObject WithSequence(ColumnObject column, uint table, IReadOnlyList<SequenceOption> options, bool isInternal)
    {
        string name = options.FirstOrDefault(o => o.Kind == SequenceOptionKind.SequenceName)?.Name?.Name
            ?? ObjectNames.ChooseRelation(context.Catalog, schema, tableName, column.Name, "seq");
        SequenceObject sequence = new SequenceCommands(context).Define(schema, name, options, column.Type) with
        {
            OwnerTable = table, OwnerColumn = column.Number, IsInternal = isInternal,
        };
        context.Transaction.Put(sequence);
        return column with { OwnedSequence = sequence.Oid, Default = NextValue(context, sequence) };
    }

    /// <summary>The default of a column that takes its values from the sequence.</summary>
    public static string NextValue(DdlContext context, SequenceObject sequence) =>
        $"nextval({Quoting.Literal(Quoting.Identifier(context.SchemaName(sequence.Schema)) + "." + Quoting.Identifier(sequence.Name))}::regclass)";

    private void CheckType(ColumnDefinition definition, SqlType type)
    {
        int position = definition.Type!.Span.Start;
        BuiltinType? builtin = Builtins.FindType(type.Oid);
        if (builtin is { Kind: 'p' })
            throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{definition.Name}\" has pseudo-type {TypeNames.Display(type, context.Catalog)}", position);
        TypeHandlers.Of(type.Oid, context.Catalog);
    }

    /// <summary>COLLATE's, or the type's own; 0 for types that have none.</summary>
    private uint CollationOf(ColumnDefinition definition, SqlType type)
    {
        uint own = Builtins.FindType(type.Oid)?.Collation ?? 0;
        if (definition.Collation is not { } written) return own;
        bool hasCollation = own != 0 || context.Catalog.Find<TypeObject>(type.Oid) is { Kind: 'd' } domain && Builtins.FindType(domain.BaseType.Oid) is { Collation: not 0 };
        if (!hasCollation) throw new SqlException(SqlState.DatatypeMismatch, $"collations are not supported by type {TypeNames.Display(type, context.Catalog)}", written.Span.Start);
        return PgCollation.Find(written.Name)
            ?? throw new SqlException(SqlState.UndefinedObject, $"collation \"{string.Join('.', written.Parts)}\" for encoding \"UTF8\" does not exist", written.Span.Start);
    }

    private static SqlType? SerialType(TypeName name) => name.Name.Parts.Count != 1 || name.ArrayBounds.Count > 0 ? null : name.Name.Name switch
    {
        "smallserial" or "serial2" => SqlType.Int2,
        "serial" or "serial4" => SqlType.Int4,
        "bigserial" or "serial8" => SqlType.Int8,
        _ => null,
    };

    public static bool IsSystemColumn(string name) => SystemColumnNames.Contains(name);

    private static readonly string[] SystemColumnNames = ["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"];
}
