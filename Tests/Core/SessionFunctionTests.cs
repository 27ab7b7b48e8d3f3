using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Functions;
using VecSql.Core.Types;

namespace VecSql.Tests.Core;

public sealed class SessionFunctionTests
{
    private static string Call(EvalContext context, string signature, params string?[] arguments)
    {
        BuiltinFunction function = Builtins.Functions.First(f => Builtins.SignatureOf(f.Name, f.ArgumentTypes) == signature);
        SqlType[] types = [.. function.ArgumentTypes.Select(t => new SqlType(t == TypeOid.RegClass ? TypeOid.Oid : t))];
        Column[] columns = [.. arguments.Select((a, i) => ScalarCase.ParseColumn(types[i], [a], context))];
        ColumnBuilder result = ColumnBuilder.Create(TypeHandlers.KindOf(function.ReturnType), 1);
        FunctionLibrary.Default.FindScalar(function)!.Specialize(types, new SqlType(function.ReturnType)).Evaluate(columns, Selection.All(1), result, context);
        return ScalarCase.Format(result.Build(), 0, new SqlType(function.ReturnType), context);
    }

    [Fact]
    public void The_version_is_what_drivers_take_apart()
    {
        string version = Call(Contexts.Default(), "version()");
        Assert.Matches(@"^PostgreSQL 15\.0 \(VecSql \d+\.\d+\.\d+\) on .+-bit$", version);
    }

    [Fact]
    public void Sequences_count_in_the_session()
    {
        EvalContext context = Contexts.Default();
        Assert.Equal("1", Call(context, "nextval(regclass)", "500"));
        Assert.Equal("2", Call(context, "nextval(regclass)", "500"));
        Assert.Equal("2", Call(context, "currval(regclass)", "500"));
        Assert.Equal("2", Call(context, "lastval()"));
        Assert.Equal("40", Call(context, "setval(regclass,int8)", "500", "40"));
        Assert.Equal("41", Call(context, "nextval(regclass)", "500"));
        Assert.Equal(SqlState.ObjectNotInPrerequisiteState, Assert.Throws<SqlException>(() => Call(context, "currval(regclass)", "501")).SqlState);
    }

    [Fact]
    public void Settings_are_read_and_set()
    {
        EvalContext context = Contexts.Default();
        Assert.Equal("x", Call(context, "set_config(text,text,bool)", "my.setting", "x", "f"));
        Assert.Equal("x", Call(context, "current_setting(text)", "my.setting"));
        Assert.Equal("\\N", Call(context, "current_setting(text,bool)", "no.such", "t"));
        SqlException e = Assert.Throws<SqlException>(() => Call(context, "current_setting(text)", "no.such"));
        Assert.Equal(SqlState.UndefinedObject, e.SqlState);
    }

    [Fact]
    public void Advisory_locks_are_taken_and_given_back()
    {
        EvalContext context = Contexts.Default();
        Assert.Equal("true", Call(context, "pg_try_advisory_lock(int4,int4)", "1", "2"));
        Assert.Equal("true", Call(context, "pg_advisory_unlock(int4,int4)", "1", "2"));
        Assert.Equal("false", Call(context, "pg_advisory_unlock(int8)", "4294967298"));
        Assert.Equal("", Call(context, "pg_advisory_xact_lock(int8)", "5"));
    }

    [Fact]
    public void Sleep_ends_when_the_statement_is_cancelled()
    {
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Call(Contexts.Default(cancellation: source.Token), "pg_sleep(float8)", "1000"));
    }

    [Fact]
    public void Random_uuids_are_of_version_4_and_differ()
    {
        EvalContext context = Contexts.Default();
        string first = Call(context, "gen_random_uuid()");
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", first);
        Assert.NotEqual(first, Call(context, "gen_random_uuid()"));
    }
}
