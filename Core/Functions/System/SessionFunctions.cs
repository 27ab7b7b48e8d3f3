using System.Runtime.InteropServices;
using System.Text;
using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>What SQL asks of its session: who and where, settings, sequences, advisory locks, sleeping, cancelling others.</summary>
internal static class SessionFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Rowwise("pgsql_version", static (in _, r, _) => Text(r, ServerVersion));
        library.Rowwise("current_user", static (in _, r, c) => Text(r, c.Session.CurrentUser));
        library.Rowwise("session_user", static (in _, r, c) => Text(r, c.Session.SessionUser));
        library.Rowwise("current_database", static (in _, r, c) => Text(r, c.Session.DatabaseName));
        library.Rowwise("current_schema", static (in _, r, c) => CurrentSchema(r, c));
        library.Strict("current_schemas", static (in a, r, c) => CurrentSchemas(a.Get<bool>(0), r, c));
        library.Rowwise("pg_backend_pid", static (in _, r, c) => StringFunctions.Int(r, c.Session.ProcessId));
        library.Rowwise("pg_client_encoding", static (in _, r, _) => Text(r, "UTF8"));
        library.Rowwise("getdatabaseencoding", static (in _, r, _) => Text(r, "UTF8"));
        library.Rowwise("pg_is_in_recovery", static (in _, r, _) => StringFunctions.Bool(r, false));
        library.Rowwise("pg_jit_available", static (in _, r, _) => StringFunctions.Bool(r, false));
        library.Rowwise("pg_trigger_depth", static (in _, r, _) => StringFunctions.Int(r, 0));
        library.Strict("show_config_by_name", static (in a, r, c) => Text(r, Setting(a, c) ?? throw UnknownSetting(a)));
        library.Strict("show_config_by_name_missing_ok", static (in a, r, c) => SettingOrNull(a, r, c));
        library.Rowwise("set_config_by_name", SetConfig);
        library.Strict("nextval_oid", static (in a, r, c) => Long(r, c.Session.NextValue(a.Get<uint>(0))));
        library.Strict("currval_oid", static (in a, r, c) => Long(r, c.Session.CurrentValue(a.Get<uint>(0))));
        library.Rowwise("lastval", static (in _, r, c) => Long(r, c.Session.LastValue()));
        library.Strict("setval_oid", static (in a, r, c) => SetValue(a, isCalled: true, r, c));
        library.Strict("setval3_oid", static (in a, r, c) => SetValue(a, a.Get<bool>(2), r, c));
        library.Strict("pg_cancel_backend", static (in a, r, c) => StringFunctions.Bool(r, c.Session.Server.Cancel(a.Get<int>(0))));
        library.Strict("pg_terminate_backend", static (in a, r, c) => StringFunctions.Bool(r, c.Session.Server.Terminate(a.Get<int>(0))));
        library.Strict("pg_sleep", Sleep);
        library.Strict("PG_char_to_encoding", static (in a, r, _) => StringFunctions.Int(r, TextEncodings.NumberOf(a.Bytes(0))));
        library.Strict("PG_encoding_to_char", static (in a, r, _) => Text(r, TextEncodings.NameOf(a.Get<int>(0))));
        RegisterLocks(library);
    }

    /// <summary>In the shape that drivers take apart: the name, a space, the version.</summary>
    public static string ServerVersion { get; } = FormattableString.Invariant(
        $"PostgreSQL 15.0 (VecSql {typeof(SessionFunctions).Assembly.GetName().Version?.ToString(3)}) on {RuntimeInformation.RuntimeIdentifier}, compiled by {RuntimeInformation.FrameworkDescription}, {IntPtr.Size * 8}-bit");

    private static void Text(ColumnBuilder result, string value)
    {
        ((BytesColumnBuilder)result).Output.WriteText(value);
        ((BytesColumnBuilder)result).EndValue();
    }

    private static void Long(ColumnBuilder result, long value) => ((ColumnBuilder<long>)result).Append(value);
    private static void Void(ColumnBuilder result) => ((BytesColumnBuilder)result).Append([]);

    /// <summary>The first schema of the search path that isn't pg_catalog by itself.</summary>
    private static void CurrentSchema(ColumnBuilder result, EvalContext context)
    {
        foreach (uint oid in context.Session.SearchPath)
        {
            if (oid == WellKnownOid.PgCatalogSchema) continue;
            Text(result, context.Catalog.Find<SchemaObject>(oid)?.Name ?? "public");
            return;
        }
        result.AppendNull();
    }

    /// <summary>The search path; pg_catalog, which is always searched, only if asked for.</summary>
    private static void CurrentSchemas(bool withImplicit, ColumnBuilder result, EvalContext context)
    {
        ArrayBuilder names = ArrayBuilder.Rent(TypeOid.Name, PhysicalKind.Bytes);
        foreach (uint oid in context.Session.SearchPath)
        {
            string? name = oid == WellKnownOid.PgCatalogSchema ? withImplicit ? "pg_catalog" : null : context.Catalog.Find<SchemaObject>(oid)?.Name;
            if (name is not null) Text(names.Elements, name);
        }
        names.WriteTo(result);
        names.Return();
    }

    private static string? Setting(in RowArguments arguments, EvalContext context) => context.Session.GetSetting(Utf8Text.ToString(arguments.Bytes(0)));

    private static SqlException UnknownSetting(in RowArguments arguments) =>
        new(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{Utf8Text.ToString(arguments.Bytes(0))}\"");

    private static void SettingOrNull(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        if (Setting(arguments, context) is { } value) Text(result, value);
        else if (arguments.Get<bool>(1)) result.AppendNull();
        else throw UnknownSetting(arguments);
    }

    private static void SetConfig(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        if (arguments.IsNull(0)) throw new SqlException(SqlState.NullValueNotAllowed, "SET requires parameter name");
        string value = arguments.IsNull(1) ? "" : Utf8Text.ToString(arguments.Bytes(1));
        bool isLocal = !arguments.IsNull(2) && arguments.Get<bool>(2);
        Text(result, context.Session.SetSetting(Utf8Text.ToString(arguments.Bytes(0)), value, isLocal));
    }

    private static void SetValue(in RowArguments arguments, bool isCalled, ColumnBuilder result, EvalContext context)
    {
        long value = arguments.Get<long>(1);
        context.Session.SetValue(arguments.Get<uint>(0), value, isCalled);
        Long(result, value);
    }

    /// <summary>Ends early, with an exception, when the statement is cancelled.</summary>
    private static void Sleep(in RowArguments arguments, ColumnBuilder result, EvalContext context)
    {
        Sleep(arguments.Get<double>(0), context);
        Void(result);
    }

    /// <summary>Waits, unless the statement is cancelled.</summary>
    internal static void Sleep(double seconds, EvalContext context)
    {
        if (!(seconds > 0)) return;
        TimeSpan time = TimeSpan.FromSeconds(Math.Min(seconds, 2_000_000));
        Task.Delay(time, context.Clock, context.Cancellation).ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
        context.Cancellation.ThrowIfCancellationRequested();
    }

    private static void RegisterLocks(FunctionLibrary library)
    {
        foreach (bool isTwoPart in (bool[])[false, true])
        {
            string suffix = isTwoPart ? "_int4" : "_int8";
            foreach (bool isShared in (bool[])[false, true])
            {
                string shared = isShared ? "_shared" : "";
                foreach (bool isTransaction in (bool[])[false, true])
                {
                    string scope = isTransaction ? "xact_" : "";
                    library.Strict($"pg_advisory_{scope}lock{shared}{suffix}", (in a, r, c) =>
                    {
                        c.Session.AdvisoryLock(Key(a, c, isTwoPart), isShared, isTransaction, isTry: false);
                        Void(r);
                    });
                    library.Strict($"pg_try_advisory_{scope}lock{shared}{suffix}", (in a, r, c) =>
                        StringFunctions.Bool(r, c.Session.AdvisoryLock(Key(a, c, isTwoPart), isShared, isTransaction, isTry: true)));
                }
                library.Strict($"pg_advisory_unlock{shared}{suffix}", (in a, r, c) => StringFunctions.Bool(r, c.Session.AdvisoryUnlock(Key(a, c, isTwoPart), isShared)));
            }
        }
        library.Rowwise("pg_notify", static (in a, r, c) =>
        {
            c.Session.Notify(a.IsNull(0) ? "" : Utf8Text.ToString(a.Bytes(0)), a.IsNull(1) ? "" : Utf8Text.ToString(a.Bytes(1)));
            Void(r);
        });
        library.Rowwise("pg_advisory_unlock_all", static (in _, r, c) =>
        {
            c.Session.AdvisoryUnlockAll();
            Void(r);
        });
    }

    private static AdvisoryKey Key(in RowArguments arguments, EvalContext context, bool isTwoPart) => isTwoPart
        ? new AdvisoryKey(context.Session.DatabaseOid, (long)arguments.Get<int>(0) << 32 | (uint)arguments.Get<int>(1), true)
        : new AdvisoryKey(context.Session.DatabaseOid, arguments.Get<long>(0), false);
}
