using System.Collections.Immutable;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;
using RelationKind = VecSql.Core.Catalog.RelationKind;

namespace VecSql.Executor.Ddl;

/// <summary>CREATE TYPE (enums, composite types) and ALTER TYPE … ADD | RENAME VALUE.</summary>
internal sealed class TypeCommands(DdlContext context)
{
    private const int MaxLabelBytes = 63;
    private readonly CatalogNames _names = new(context);

    public string CreateEnum(CreateEnumStatement statement)
    {
        uint schema = NewName(statement.Name);
        List<EnumLabel> labels = [];
        foreach (string label in statement.Labels)
        {
            CheckLabel(label);
            if (labels.Any(l => l.Name == label)) throw new SqlException(SqlState.UniqueViolation, $"enum label \"{label}\" used more than once");
            labels.Add(new EnumLabel(context.Transaction.AllocateOid(), label, labels.Count + 1));
        }
        PutWithArray(new TypeObject
        {
            Oid = context.Transaction.AllocateOid(), Name = statement.Name.Name, Schema = schema, Owner = context.CurrentRole, Kind = 'e', ArrayTypeOid = context.Transaction.AllocateOid(), Labels = [.. labels],
        });
        return "CREATE TYPE";
    }

    public string CreateComposite(CreateCompositeTypeStatement statement)
    {
        uint schema = NewName(statement.Name);
        _names.CheckNewRelation(schema, statement.Name.Name);
        TableColumns columns = new(context, schema, statement.Name.Name);
        uint oid = context.Transaction.AllocateOid();
        foreach (ColumnDefinition attribute in statement.Attributes) columns.Add(attribute, oid);
        TableObject relation = new()
        {
            Oid = oid, Name = statement.Name.Name, Schema = schema, Owner = context.CurrentRole, RelationKind = RelationKind.CompositeType, Columns = columns.Columns,
            RowTypeOid = context.Transaction.AllocateOid(), RowArrayTypeOid = context.Transaction.AllocateOid(),
        };
        context.Transaction.Put(relation);
        RowTypes.Put(context, relation);
        return "CREATE TYPE";
    }

    public string AddValue(AddEnumValueStatement statement)
    {
        TypeObject type = FindEnum(statement.Name);
        CheckLabel(statement.Label);
        if (type.Labels.Any(l => l.Name == statement.Label))
        {
            if (!statement.IfNotExists) throw new SqlException(SqlState.DuplicateObject, $"enum label \"{statement.Label}\" already exists");
            context.Skip(SqlState.DuplicateObject, $"enum label \"{statement.Label}\" already exists, skipping");
            return "ALTER TYPE";
        }
        ImmutableArray<EnumLabel> ordered = [.. type.Labels.OrderBy(l => l.SortOrder)];
        int place = ordered.Length;
        if (statement.Neighbor is { } neighbor)
        {
            int at = ordered.Select(l => l.Name).ToList().IndexOf(neighbor);
            if (at < 0) throw new SqlException(SqlState.InvalidParameterValue, $"\"{neighbor}\" is not an existing enum label");
            place = statement.IsAfter ? at + 1 : at;
        }
        // Stored values are labels' numbers; only the order between them may not move, so a new one goes between its neighbours.
        float order = (place == 0, place == ordered.Length) switch
        {
            (true, true) => 1,
            (true, _) => ordered[0].SortOrder - 1,
            (_, true) => ordered[^1].SortOrder + 1,
            _ => (ordered[place - 1].SortOrder + ordered[place].SortOrder) / 2,
        };
        if (place > 0 && place < ordered.Length && (order <= ordered[place - 1].SortOrder || order >= ordered[place].SortOrder))
            throw SqlException.NotSupported("so many enum values between two others");
        context.Transaction.Put(type with { Labels = ordered.Insert(place, new EnumLabel(context.Transaction.AllocateOid(), statement.Label, order)) });
        return "ALTER TYPE";
    }

    public string RenameValue(RenameEnumValueStatement statement)
    {
        TypeObject type = FindEnum(statement.Name);
        EnumLabel label = type.Labels.FirstOrDefault(l => l.Name == statement.OldLabel) ?? throw new SqlException(SqlState.InvalidParameterValue, $"\"{statement.OldLabel}\" is not an existing enum label");
        CheckLabel(statement.NewLabel);
        if (type.Labels.Any(l => l.Name == statement.NewLabel)) throw new SqlException(SqlState.DuplicateObject, $"enum label \"{statement.NewLabel}\" already exists");
        RefuseStoredText(type, label);
        context.Transaction.Put(type with { Labels = type.Labels.Replace(label, label with { Name = statement.NewLabel }) });
        return "ALTER TYPE";
    }

    /// <summary>Expressions are kept as text, which has labels by name.</summary>
    private void RefuseStoredText(TypeObject type, EnumLabel label)
    {
        string literal = Parser.Deparsing.Quoting.Literal(label.Name);
        foreach (TableObject table in context.Catalog.Relations.OfType<TableObject>())
        {
            bool uses = table.LiveColumns.Any(c => c.Default?.Contains(literal, StringComparison.Ordinal) == true || c.MissingValue == label.Name && c.Type.Oid == type.Oid)
                || table.Constraints.Any(c => c.Expression?.Contains(literal, StringComparison.Ordinal) == true) || table.Definition?.Contains(literal, StringComparison.Ordinal) == true
                || context.Catalog.IndexesOf(table.Oid).Any(i => i.Predicate?.Contains(literal, StringComparison.Ordinal) == true);
            if (uses) throw SqlException.NotSupported($"renaming enum label \"{label.Name}\" while {new ObjectText(context).Of(table)} names it in an expression");
        }
    }

    /// <summary>The schema for a new type; 42710 if the name is taken.</summary>
    public uint NewName(QualifiedName name)
    {
        uint schema = _names.CreationSchema(name, isTemporary: false);
        if (context.Catalog.FindType(schema, name.Name) is not { } taken) return schema;
        if (taken is { Kind: 'b', ElementTypeOid: not 0 }) _names.CheckNewType(schema, name.Name);
        else throw new SqlException(SqlState.DuplicateObject, $"type \"{name.Name}\" already exists");
        return schema;
    }

    public void PutWithArray(TypeObject type)
    {
        context.Transaction.Put(type);
        RowTypes.PutArray(context, type.ArrayTypeOid, type.Oid, type.Name, type.Schema, type.Owner);
    }

    private TypeObject FindEnum(QualifiedName name)
    {
        TypeObject type = _names.FindType(name) ?? throw new SqlException(SqlState.UndefinedObject, $"type \"{CatalogNames.Display(name)}\" does not exist");
        if (type.Kind != 'e') throw new SqlException(SqlState.WrongObjectType, $"{CatalogNames.Display(name)} is not an enum");
        new Ownership(context).Check(type);
        return type;
    }

    private static void CheckLabel(string label)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(label) > MaxLabelBytes)
            throw new SqlException(SqlState.InvalidName, $"invalid enum label \"{label}\"", detail: $"Labels must be {MaxLabelBytes} bytes or less.");
    }
}
