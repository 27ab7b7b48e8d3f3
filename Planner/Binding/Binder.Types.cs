using System.Globalization;
using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using Ast = VecSql.Parser.Ast;

namespace VecSql.Planner.Binding;

/// <summary>Type names.</summary>
internal sealed partial class Binder
{
    /// <summary>The type that a name denotes, with its modifier.</summary>
    public SqlType ResolveType(Ast.TypeName name)
    {
        if (name.IsColumnType) return ResolveColumnType(name);
        if (name.IsSetOf) throw Error(SqlState.UndefinedObject, $"type \"{Written(name)}\" does not exist", name.Span.Start);
        string typeName = name.Name.Name;
        string? schema = name.Name.Schema;
        uint oid = _types.FindByName(schema, typeName);
        if (oid == 0)
        {
            if (schema is not null && schema != "pg_catalog" && _context.Catalog.FindSchema(schema) is null)
                throw Error(SqlState.InvalidSchemaName, $"schema \"{schema}\" does not exist", name.Span.Start);
            throw Error(SqlState.UndefinedObject, $"type \"{Written(name)}\" does not exist", name.Span.Start);
        }
        int modifier = ResolveModifier(name, oid);
        if (name.ArrayBounds.Count == 0) return new SqlType(oid, modifier);
        uint array = _types.ArrayOf(oid);
        if (array == 0) throw Error(SqlState.UndefinedObject, $"could not find array type for data type {Format(oid)}", name.Span.Start);
        return new SqlType(array, modifier);
    }

    private int ResolveModifier(Ast.TypeName name, uint oid)
    {
        if (oid == TypeOid.Interval) return IntervalModifier(name);
        if (name.Modifiers.Count == 0) return -1;
        List<int> arguments = [];
        foreach (Ast.Expression modifier in name.Modifiers)
        {
            // Whatever constant is written, the type reads it as an integer.
            string? text = modifier switch
            {
                Ast.IntegerLiteral literal => literal.Text, Ast.StringLiteral literal => literal.Value, Ast.NumericLiteral literal => literal.Text, Ast.ColumnRef { Parts: [var word], IsStar: false } => word, _ => null,
            };
            if (text is null) throw Error(SqlState.SyntaxError, "type modifiers must be simple constants or identifiers", name.Span.Start);
            if (!int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
                throw Error(SqlState.InvalidTextRepresentation, $"invalid input syntax for type integer: \"{text}\"", name.Span.Start);
            arguments.Add(value);
        }
        try
        {
            return TypeHandlers.Of(_types.BaseOf(oid), _context.Catalog).ParseModifier(arguments.ToArray(), name.Name.Name);
        }
        catch (SqlException e)
        {
            throw e.At(name.Span.Start);
        }
    }

    /// <summary>PostgreSQL's packing: which fields in the upper half, precision in the lower.</summary>
    private static int IntervalModifier(Ast.TypeName name)
    {
        const int FullPrecision = 0xFFFF, Month = 1 << 1, Year = 1 << 2, Day = 1 << 3, Hour = 1 << 10, Minute = 1 << 11, Second = 1 << 12, FullRange = 0x7FFF;
        int fields = name.IntervalFields switch
        {
            Ast.IntervalFields.Year => Year,
            Ast.IntervalFields.Month => Month,
            Ast.IntervalFields.Day => Day,
            Ast.IntervalFields.Hour => Hour,
            Ast.IntervalFields.Minute => Minute,
            Ast.IntervalFields.Second => Second,
            Ast.IntervalFields.YearToMonth => Year | Month,
            Ast.IntervalFields.DayToHour => Day | Hour,
            Ast.IntervalFields.DayToMinute => Day | Hour | Minute,
            Ast.IntervalFields.DayToSecond => Day | Hour | Minute | Second,
            Ast.IntervalFields.HourToMinute => Hour | Minute,
            Ast.IntervalFields.HourToSecond => Hour | Minute | Second,
            Ast.IntervalFields.MinuteToSecond => Minute | Second,
            _ => FullRange,
        };
        int precision = FullPrecision;
        if (name.Modifiers.Count == 1 && name.Modifiers[0] is Ast.IntegerLiteral literal && int.TryParse(literal.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int written))
        {
            if (written < 0) throw Error(SqlState.InvalidParameterValue, $"INTERVAL({written}) precision must not be negative", name.Span.Start);
            precision = Math.Min(written, 6);
        }
        if (fields == FullRange && precision == FullPrecision) return -1;
        return fields << 16 | precision;
    }

    private SqlType ResolveColumnType(Ast.TypeName name)
    {
        IReadOnlyList<string> parts = name.Name.Parts;
        if (parts.Count < 2) throw Error(SqlState.SyntaxError, $"improper %TYPE reference (too few dotted names): {parts[0]}", name.Span.Start);
        Ast.QualifiedName table = new([.. parts.Take(parts.Count - 1)]) { Span = name.Span };
        if (FindRelation(table) is not TableObject found) throw UndefinedRelation(table);
        ColumnObject column = found.LiveColumns.FirstOrDefault(c => c.Name == parts[^1])
            ?? throw Error(SqlState.UndefinedColumn, $"column \"{parts[^1]}\" of relation \"{found.Name}\" does not exist", name.Span.Start);
        return column.Type;
    }

    private static string Written(Ast.TypeName name) =>
        string.Join('.', name.Name.Parts.Count > 1 && name.Name.Parts[0] == "pg_catalog" ? name.Name.Parts.Skip(1) : name.Name.Parts) + string.Concat(name.ArrayBounds.Select(_ => "[]"));

    /// <summary>A stored relation by name in the search path; null if there is none.</summary>
    private RelationObject? FindRelation(Ast.QualifiedName name)
    {
        if (name.Schema is { } schemaName) return _context.Catalog.FindSchema(schemaName) is { } schema ? _context.Catalog.FindRelation(schema.Oid, name.Name) : null;
        foreach (uint schema in _context.SearchPath)
            if (_context.Catalog.FindRelation(schema, name.Name) is { } relation)
                return relation;
        return null;
    }

    private SqlException UndefinedRelation(Ast.QualifiedName name) =>
        Error(SqlState.UndefinedTable, $"relation \"{string.Join('.', name.Parts)}\" does not exist", name.Span.Start);
}
