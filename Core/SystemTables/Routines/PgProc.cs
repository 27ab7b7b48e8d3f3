using System.Collections.Frozen;
using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Functions;

namespace VecSql.Core.SystemTables;

/// <summary>pg_proc: functions that can be called here, those that convert types' values (drivers join on them), and users' functions.</summary>
internal sealed class PgProc() : SystemTable("pg_proc")
{
    /// <summary>Named by pg_type, pg_operator, pg_cast, pg_am and pg_amproc, though not all can be called by name.</summary>
    private static readonly FrozenSet<uint> Referred = Builtins.Types.SelectMany(t => (uint[])[t.Input, t.Output, t.Receive, t.Send, t.ModifierInput, t.ModifierOutput, t.Subscript])
        .Concat(BuiltinIndexing.Methods.Select(m => m.Handler)).Concat(BuiltinIndexing.Functions.Where(f => f.Extension is not null).Select(f => f.Function)).Concat((uint[])[3504, 3505, 3532, 3533, 2597, 2598, 2290, 2291, 2402, 2403, 3816]).ToFrozenSet();

    public static bool Lists(BuiltinFunction function) => FunctionLibrary.Default.Implements(function) || Referred.Contains(function.Oid);

    public override void Fill(SystemRows rows, EvalContext context)
    {
        InstalledExtensions extensions = new(context.Catalog);
        foreach (BuiltinFunction f in Builtins.Functions)
        {
            if (extensions.SchemaOf(f) is not { } schema || !Lists(f)) continue;
            rows.Add(f.Oid).Add(f.Name).Add(schema).Add(WellKnownOid.BootstrapRole).Add(PgLanguage.OidOf(f.Language)).Add(1f).Add(f.Rows).Add(f.Variadic).Add(0u).Add(f.Kind).Add(false).Add(f.IsLeakproof)
                .Add(f.IsStrict).Add(f.ReturnsSet).Add(f.Volatility).Add(f.Parallel).Add((short)f.ArgumentTypes.Length).Add((short)f.DefaultCount).Add(f.ReturnType).AddArray<uint>(f.ArgumentTypes)
                .AddArray<uint>(f.AllArgumentTypes).AddArray<byte>(f.ArgumentModes is { } modes ? [.. modes.Select(m => (byte)m)] : null).AddArray(f.ArgumentNames).AddNull().AddNull()
                .Add(f.Source.Length > 0 ? f.Source : f.Name).Add(f.Language == "c" ? "$libdir/" + f.Extension : null).AddNull().AddNull().AddNull();
            rows.EndRow();
        }
        foreach (FunctionObject f in context.Catalog.Objects.OfType<FunctionObject>())
        {
            rows.Add(f.Oid).Add(f.Name).Add(f.Schema).Add(f.Owner).Add(PgLanguage.OidOf(f.Language)).Add(100f).Add(f.ReturnsSet ? 1000f : 0f).Add(0u).Add(0u).Add('f').Add(false).Add(false)
                .Add(f.IsStrict).Add(f.ReturnsSet).Add(f.Volatility).Add('u').Add((short)f.ArgumentTypes.Length).Add((short)f.ArgumentDefaults.Length).Add(f.ReturnType.Oid).AddArray<uint>(f.ArgumentTypes)
                .AddNull().AddNull().AddArrayOrNull(f.ArgumentNames.All(n => n.Length == 0) ? [] : f.ArgumentNames).AddNull().AddNull().Add(f.Body).AddNull().AddNull().AddNull().AddArrayOrNull(f.Acl);
            rows.EndRow();
        }
    }
}
