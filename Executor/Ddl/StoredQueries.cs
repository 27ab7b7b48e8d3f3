using VecSql.Core.Catalog;
using VecSql.Core.Errors;
using VecSql.Parser;
using VecSql.Parser.Ast;
using VecSql.Parser.Deparsing;
using VecSql.Planner;
using VecSql.Planner.Binding;

namespace VecSql.Executor.Ddl;

/// <summary>A query as the catalog keeps it.</summary>
/// <param name="DependsOn">Relations, functions and types that its own text names.</param>
internal sealed record StoredQuery(string Text, IReadOnlyList<uint> DependsOn);

/// <summary>
/// Queries that the catalog keeps as text (views). What is stored doesn't depend on the search path, nor on columns that tables get later: stars are written out, relations, types and
/// functions have their schemas, columns their tables, NATURAL its columns. When something is renamed the text is rewritten by what each name means, and proved by binding it.
/// </summary>
internal sealed class StoredQueries(DdlContext context)
{
    public StoredQuery Store(SelectStatement query)
    {
        query = new SyntaxRewriter((_, copy) => copy is TableBody table ? StarOf(table) : copy).Rewrite(query);
        NameResolutions names = context.Planner.ResolveNames(query, context.Planning());
        int sources = 0;
        SyntaxRewriter.Walk(query, n => sources += n is TableRef or SubqueryRef or FunctionRef ? 1 : 0);
        HashSet<uint> used = [];
        SelectStatement stored = Qualify(query, names, sources > 1, used);
        // A correlated name can be hidden by an alias of the same name further in: then it stays as it was written.
        if (sources > 1 && !Binds(stored)) stored = Qualify(query, names, false, used);
        context.Planner.ResolveNames(stored, context.Planning());
        return new StoredQuery(Deparser.ToSql(stored), [.. used]);
    }

    public static SelectStatement Parse(string definition) => SqlParser.Parse(definition)[0].Statement as SelectStatement ?? throw new InvariantException("a view's definition is one SELECT");

    /// <summary>Columns of a relation that the view's text uses, in the catalog given; null if the text can't be bound there.</summary>
    public HashSet<short>? ColumnsUsed(TableObject view, uint relation, CatalogSnapshot catalog)
    {
        try
        {
            NameResolutions names = context.Planner.ResolveNames(Parse(view.Definition!), context.Planning() with { Catalog = catalog });
            return [.. names.Columns.Values.Concat(names.Stars.Values.SelectMany(s => s)).Where(c => c.Table == relation).Select(c => c.Column)];
        }
        catch (SqlException)
        {
            return null;
        }
    }

    /// <summary>The view's text after a column of a relation that it reads was given another name.</summary>
    public string RenameColumn(TableObject view, RelationObject relation, short column, string newName)
    {
        SelectStatement query = Parse(view.Definition!);
        NameResolutions names = context.Planner.ResolveNames(query, context.Planning());
        SelectStatement renamed = new SyntaxRewriter((original, copy) => (original, copy) switch
        {
            (ColumnRef reference, ColumnRef written) when IsRenamed(reference) => written with { Parts = [.. written.Parts.SkipLast(1), newName] },
            (SelectItem { Alias: null, Expression: ColumnRef reference }, SelectItem item) when IsRenamed(reference) => item with { Alias = reference.Parts[^1] },
            _ => copy,
        }).Rewrite(query);
        return Deparser.ToSql(renamed);

        bool IsRenamed(ColumnRef reference) => names.Columns.TryGetValue(reference, out ResolvedColumn? found) && found.IsOwnName && found.Table == relation.Oid && found.Column == column;
    }

    /// <summary>The view's text after a relation that it reads was renamed or moved: it goes on under the name that the text knows.</summary>
    public string RenameRelation(TableObject view, uint relation, string newSchema, string newName)
    {
        SelectStatement query = Parse(view.Definition!);
        NameResolutions names = context.Planner.ResolveNames(query, context.Planning());
        return Deparser.ToSql(new SyntaxRewriter((original, copy) => original is TableRef table && copy is TableRef written
            && names.Relations.TryGetValue(table, out ResolvedRelation? found) && found.Oid == relation
                ? written with { Name = new QualifiedName([newSchema, newName]), Alias = written.Alias ?? (table.Name.Name == newName ? null : new TableAlias(table.Name.Name, [])) }
                : copy).Rewrite(query));
    }

    /// <summary>The text with a schema's name replaced wherever it qualifies a relation, function or type.</summary>
    public static string RenameSchema(string definition, string oldName, string newName) => Deparser.ToSql(new SyntaxRewriter((_, copy) =>
        copy is QualifiedName { Parts: [{ } schema, { } name] } && schema == oldName ? new QualifiedName([newName, name]) : copy).Rewrite(Parse(definition)));

    /// <summary>The text with a type's or function's name replaced.</summary>
    public static string RenameObject(string definition, string schema, string oldName, string newSchema, string newName)
    {
        return Deparser.ToSql(new SyntaxRewriter((_, copy) => copy switch
        {
            TypeName type when Names(type.Name) => type with { Name = new QualifiedName([newSchema, newName]) },
            FunctionCall call when Names(call.Name) => call with { Name = new QualifiedName([newSchema, newName]) },
            _ => copy,
        }).Rewrite(Parse(definition)));

        bool Names(QualifiedName name) => name.Parts is [{ } s, { } n] && s == schema && n == oldName;
    }

    private bool Binds(SelectStatement query)
    {
        try
        {
            context.Planner.ResolveNames(query, context.Planning());
            return true;
        }
        catch (SqlException)
        {
            return false;
        }
    }

    private static SelectCore StarOf(TableBody table) => new([new SelectItem(new ColumnRef([], true) { Span = table.Span }, null) { Span = table.Span }]) { From = [table.Table], Span = table.Span };

    private SelectStatement Qualify(SelectStatement query, NameResolutions names, bool withTables, HashSet<uint> used)
    {
        CatalogNames catalogNames = new(context);
        return new SyntaxRewriter((original, copy) => (original, copy) switch
        {
            (TableRef table, TableRef written) when names.Relations.TryGetValue(table, out ResolvedRelation? found) => Qualified(written, found),
            (SelectItem item, _) when names.Stars.TryGetValue(item, out IReadOnlyList<ResolvedColumn>? star) =>
                new NodeList([.. star.Select(c => new SelectItem(new ColumnRef(withTables && c.Item is not null ? [c.Item, c.Name] : [c.Name], false), null))]),
            (ColumnRef reference, ColumnRef written) when names.Columns.TryGetValue(reference, out ResolvedColumn? found) =>
                written with { Parts = found.Item is not null && (withTables || reference.Parts.Count > 1) ? [found.Item, found.Name] : [found.Name] },
            (JoinRef join, JoinRef written) when names.NaturalJoins.TryGetValue(join, out IReadOnlyList<string>? columns) => Written(written, columns),
            (TypeName, TypeName type) when !type.IsColumnType && catalogNames.FindType(type.Name) is { } own => type with { Name = Schema(own.Schema, own.Name, own.Oid) },
            (TypeName, TypeName { IsColumnType: false, Name.Parts.Count: 1 } type) when Builtins.FindType(type.Name.Name) is { Extension: { } extension } => type with { Name = In(extension, type.Name.Name) },
            (OperatorName, OperatorName { Schema: null } symbol) when names.Extensions.TryGetValue(original, out string? extension) => symbol with { Schema = In(extension, "").Schema },
            (QualifiedName, QualifiedName { Parts: [{ } name] }) when names.Extensions.TryGetValue(original, out string? extension) => In(extension, name),
            (FunctionCall, FunctionCall call) when Builtins.FindFunctions(call.Name.Name).Count == 0 && catalogNames.FindFunctions(call.Name) is [{ } own, ..] =>
                call with { Name = Schema(own.Schema, own.Name, own.Oid) },
            _ => copy,
        }).Rewrite(query);

        TableRef Qualified(TableRef table, ResolvedRelation found)
        {
            if (context.Catalog.Find<RelationObject>(found.Oid) is not null) used.Add(found.Oid);
            return table with { Name = new QualifiedName([found.Schema, table.Name.Name]) };
        }

        QualifiedName In(string extension, string name) => new([context.SchemaName(context.Catalog.FindExtension(extension)!.Schema), name]);

        QualifiedName Schema(uint schema, string name, uint oid)
        {
            used.Add(oid);
            return new QualifiedName([context.Catalog.Find<SchemaObject>(schema)!.Name, name]);
        }
    }

    private static JoinRef Written(JoinRef join, IReadOnlyList<string> columns) => columns.Count > 0
        ? join with { IsNatural = false, Using = columns }
        : join with { IsNatural = false, On = join.Kind == JoinKind.Cross ? null : new BooleanLiteral(true) };
}
