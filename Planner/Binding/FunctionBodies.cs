using VecSql.Core.Catalog;

namespace VecSql.Planner.Binding;

/// <summary>Built-in functions that PostgreSQL, too, defines by an SQL expression over their arguments. Used where the library has no implementation of its own.</summary>
internal static class FunctionBodies
{
    private static readonly Dictionary<string, string> BySignature = new()
    {
        ["textanycat(text,anynonarray)"] = "$1 || $2::text",
        ["anytextcat(anynonarray,text)"] = "$1::text || $2",
        ["quote_literal(anyelement)"] = "quote_literal($1::text)",
        ["quote_nullable(anyelement)"] = "quote_nullable($1::text)",
        ["lpad(text,int4)"] = "lpad($1, $2, ' ')",
        ["rpad(text,int4)"] = "rpad($1, $2, ' ')",
        ["round(numeric)"] = "round($1, 0)",
        ["trunc(numeric)"] = "trunc($1, 0)",
        ["log(numeric)"] = "log(10, $1)",
        ["log10(numeric)"] = "log(10, $1)",
        ["bit_length(text)"] = "octet_length($1) * 8",
        ["bit_length(bytea)"] = "octet_length($1) * 8",
        ["bit_length(bit)"] = "length($1)",
        ["substring(text,text,text)"] = "substring($1, similar_to_escape($2, $3))",
        ["timestamptz(date,time)"] = "($1 + $2)::timestamptz",
        ["timedate_pl(time,date)"] = "$2 + $1",
        ["timetzdate_pl(timetz,date)"] = "$2 + $1",
        ["interval_pl_time(interval,time)"] = "$2 + $1",
        ["interval_pl_timetz(interval,timetz)"] = "$2 + $1",
        ["interval_pl_date(interval,date)"] = "$2 + $1",
        ["interval_pl_timestamp(interval,timestamp)"] = "$2 + $1",
        ["interval_pl_timestamptz(interval,timestamptz)"] = "$2 + $1",
        ["integer_pl_date(int4,date)"] = "$2 + $1",
        ["date_part(text,date)"] = "date_part($1, $2::timestamp)",
        ["age(timestamp)"] = "age(CURRENT_DATE::timestamp, $1)",
        ["age(timestamptz)"] = "age(CURRENT_DATE::timestamptz, $1)",
        ["overlaps(timestamptz,interval,timestamptz,interval)"] = "($1, $1 + $2) OVERLAPS ($3, $3 + $4)",
        ["overlaps(timestamptz,timestamptz,timestamptz,interval)"] = "($1, $2) OVERLAPS ($3, $3 + $4)",
        ["overlaps(timestamptz,interval,timestamptz,timestamptz)"] = "($1, $1 + $2) OVERLAPS ($3, $4)",
        ["overlaps(timestamp,interval,timestamp,interval)"] = "($1, $1 + $2) OVERLAPS ($3, $3 + $4)",
        ["overlaps(timestamp,timestamp,timestamp,interval)"] = "($1, $2) OVERLAPS ($3, $3 + $4)",
        ["overlaps(timestamp,interval,timestamp,timestamp)"] = "($1, $1 + $2) OVERLAPS ($3, $4)",
        ["overlaps(time,interval,time,interval)"] = "($1, $1 + $2) OVERLAPS ($3, $3 + $4)",
        ["overlaps(time,time,time,interval)"] = "($1, $2) OVERLAPS ($3, $3 + $4)",
        ["overlaps(time,interval,time,time)"] = "($1, $1 + $2) OVERLAPS ($3, $4)",
        ["pg_relation_size(regclass)"] = "pg_relation_size($1, 'main')",
        ["pg_sleep_for(interval)"] = "pg_sleep(extract(epoch from $1)::float8)",
        ["pg_sleep_until(timestamptz)"] = "pg_sleep(extract(epoch from $1 - clock_timestamp())::float8)",
        ["obj_description(oid)"] = "(SELECT description FROM pg_catalog.pg_description WHERE objoid = $1 AND objsubid = 0)",
        ["obj_description(oid,name)"] = "(SELECT description FROM pg_catalog.pg_description WHERE objoid = $1 AND objsubid = 0"
            + " AND classoid = (SELECT oid FROM pg_catalog.pg_class WHERE relname = $2 AND relnamespace = 11))",
        ["col_description(oid,int4)"] = "(SELECT description FROM pg_catalog.pg_description WHERE objoid = $1 AND classoid = 1259 AND objsubid = $2)",
        ["shobj_description(oid,name)"] = "(SELECT description FROM pg_catalog.pg_shdescription WHERE objoid = $1"
            + " AND classoid = (SELECT oid FROM pg_catalog.pg_class WHERE relname = $2 AND relnamespace = 11))",
    };

    public static string? Find(BuiltinFunction function) => BySignature.GetValueOrDefault(Builtins.SignatureOf(function.Name, function.ArgumentTypes));
}
