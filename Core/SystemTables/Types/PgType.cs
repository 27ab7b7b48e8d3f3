using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.SystemTables;

/// <summary>pg_type: built-in types, those of installed extensions, users' types, and row types of tables.</summary>
internal sealed class PgType() : SystemTable("pg_type")
{
    private const uint ArraySubscript = 6179, ArrayAnalyze = 3816;

    public override void Fill(SystemRows rows, EvalContext context)
    {
        InstalledExtensions extensions = new(context.Catalog);
        foreach (BuiltinType type in Builtins.Types)
        {
            if (extensions.SchemaOf(type.Extension) is not { } schema) continue;
            rows.Add(type.Oid).Add(type.Name).Add(schema).Add(WellKnownOid.BootstrapRole).Add(type.Length).Add(type.ByValue).Add(type.Kind).Add(type.Category).Add(type.IsPreferred).Add(true).Add(type.Delimiter)
                .Add(0u).Add(type.Subscript).Add(type.Element).Add(type.Array).Add(type.Input).Add(type.Output).Add(type.Receive).Add(type.Send).Add(type.ModifierInput).Add(type.ModifierOutput)
                .Add(type is { Category: 'A', Storage: not 'p' } ? ArrayAnalyze : 0u).Add(type.Alignment).Add(type.Storage).Add(false).Add(0u).Add(-1).Add(0).Add(type.Collation).AddNull().AddNull().AddNull();
            rows.EndRow();
        }
        foreach (SystemRelation system in SystemRelations.All)
        {
            if (system.RowType == 0) continue;
            Add(rows, context.Catalog, new UserType(system.RowType, system.Name, system.Schema, WellKnownOid.BootstrapRole, 'c') { Category = 'C', Relation = system.Oid });
        }
        foreach (CatalogObject item in context.Catalog.Objects)
            if (item is TypeObject own) AddUser(rows, context.Catalog, own);
    }

    private static void AddUser(SystemRows rows, CatalogSnapshot catalog, TypeObject own)
    {
        char category = own.Kind switch { 'e' => 'E', 'c' => 'C', 'd' => CategoryOf(own.BaseType.Oid, catalog), _ => 'A' };
        Add(rows, catalog, new UserType(own.Oid, own.Name, own.Schema, own.Owner, own.Kind)
        {
            Category = category, Relation = own.RelationOid, Element = own.ElementTypeOid, Array = own.ArrayTypeOid, NotNull = own.NotNull, Base = own.BaseType, Default = own.Default, Acl = own.Acl,
        });
    }

    private static char CategoryOf(uint type, CatalogSnapshot catalog)
    {
        if (Builtins.FindType(type) is { } known) return known.Category;
        return catalog.Find<TypeObject>(type) switch { { Kind: 'd' } domain => CategoryOf(domain.BaseType.Oid, catalog), { Kind: 'e' } => 'E', { Kind: 'c' } => 'C', _ => 'A' };
    }

    private static void Add(SystemRows rows, CatalogSnapshot catalog, UserType type)
    {
        TypeFacts facts = TypeFacts.Of(type.Kind == 'd' ? type.Base.Oid : type.Oid, catalog);
        if (type.Kind == 'c') facts = new TypeFacts(-1, false, 'd', 'x', 0);
        bool isArray = type.Kind == 'b';
        (uint input, uint output, uint receive, uint send) = Conversions(type, catalog);
        rows.Add(type.Oid).Add(type.Name).Add(type.Schema).Add(type.Owner).Add(facts.Length).Add(facts.ByValue).Add(type.Kind).Add(type.Category).Add(false).Add(true).Add(',')
            .Add(type.Relation).Add(isArray ? ArraySubscript : 0u).Add(type.Element).Add(type.Array).Add(input).Add(output).Add(receive).Add(send).Add(0u).Add(0u).Add(isArray ? ArrayAnalyze : 0u)
            .Add(facts.Alignment).Add(facts.Storage).Add(type.NotNull).Add(type.Kind == 'd' ? type.Base.Oid : 0u).Add(type.Kind == 'd' ? type.Base.Modifier : -1)
            .Add(type.Kind == 'd' && TypeNames.ElementOf(type.Base.Oid, catalog) is not null ? 1 : 0).Add(facts.Collation).Add(type.Default).Add(type.Default).AddArrayOrNull(type.Acl);
        rows.EndRow();
    }

    /// <summary>typinput, typoutput, typreceive, typsend: drivers tell arrays and enums by them.</summary>
    private static (uint, uint, uint, uint) Conversions(UserType type, CatalogSnapshot catalog)
    {
        switch (type.Kind)
        {
            case 'e': return (3504, 3505, 3532, 3533);
            case 'c': return (2290, 2291, 2402, 2403);
            case 'b': return (750, 751, 2400, 2401);
            default:
                uint based = type.Base.Oid;
                while (catalog.Find<TypeObject>(based) is { Kind: 'd' } domain) based = domain.BaseType.Oid;
                if (Builtins.FindType(based) is { } known) return (2597, known.Output, 2598, known.Send);
                (_, uint output, _, uint send) = Conversions(new UserType(based, "", 0, 0, catalog.Find<TypeObject>(based)?.Kind ?? 'c'), catalog);
                return (2597, output, 2598, send);
        }
    }

    private sealed record UserType(uint Oid, string Name, uint Schema, uint Owner, char Kind)
    {
        public char Category { get; init; }
        public uint Relation { get; init; }
        public uint Element { get; init; }
        public uint Array { get; init; }
        public bool NotNull { get; init; }
        public SqlType Base { get; init; }
        public string? Default { get; init; }
        public IReadOnlyList<string> Acl { get; init; } = [];
    }
}
