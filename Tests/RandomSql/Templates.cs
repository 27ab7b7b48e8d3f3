namespace VecSql.Tests.RandomSql;

/// <summary>
/// What expressions are made of, by the type that they give. {i} stands for an expression of the type with that code, {@} and {#} for one of any type (the same type wherever it stands in
/// the template), {T} for one of the wanted type, {=} for the argument before it once more, {K} for a small constant.
/// </summary>
internal static class Templates
{
    /// <summary>Templates for every type.</summary>
    public static readonly string[] Any =
    [
        "coalesce({T}, {T})", "nullif({T}, {T})", "CASE WHEN {b} THEN {T} ELSE {T} END", "CASE WHEN {b} THEN {T} WHEN {b} THEN {T} END", "CASE {@} WHEN {@} THEN {T} WHEN {@} THEN {T} END",
        "greatest({T}, {T})", "least({T}, {T}, {T})", "(ARRAY[{T}, {T}])[{i} & 3]",
    ];

    private static readonly Dictionary<Kind, string[]> All = new()
    {
        [Kind.Bool] =
        [
            "({@} = {@})", "({@} = {@})", "({@} < {@})", "({@} <> {@})", "({@} <= {@})", "({@} > {@})", "({@} >= {@})", "({@} IS NULL)", "({@} IS NOT NULL)", "({@} IS DISTINCT FROM {@})",
            "({@} IS NOT DISTINCT FROM {@})", "({@} BETWEEN {@} AND {@})", "({@} NOT BETWEEN SYMMETRIC {@} AND {@})", "({@} IN ({@}, {@}, {@}))", "({@} NOT IN ({@}, {@}))",
            "({b} AND {b})", "({b} OR {b})", "({b} AND {b} AND {b})", "({b} OR {b} OR {b})", "(NOT {b})", "({b} IS TRUE)", "({b} IS NOT FALSE)", "({b} IS UNKNOWN)", "({b} IS NOT TRUE)",
            "({t} LIKE 'a%')", "({t} NOT LIKE '%b%')", "({t} LIKE '_b_')", "({t} ILIKE '%A%')", "({t} SIMILAR TO '(a|b)%')", "({t} ~ '^a')", "({t} ~* 'B.?')", "({t} !~ '[a-c]+$')",
            "({t} LIKE {t})", "starts_with({t}, {t})", "({t} LIKE 'ab!%_' ESCAPE '!')", "({ia} @> {ia})", "({ia} <@ {ia})", "({ia} && {ia})", "({ta} @> {ta})", "({ta} && {ta})",
            "({i} = ANY ({ia}))", "({i} <> ALL ({ia}))", "({t} = ANY ({ta}))", "({l} > ALL ({ia}))", "({i} < ANY (ARRAY[{i}, {i}]))", "({j} @> {j})", "({j} <@ {j})", "({j} ? 'a')",
            "({j} ?| ARRAY['a', 'b'])", "({j} ?& ARRAY['a', 'b'])", "(({@}, {#}) = ({@}, {#}))", "(({@}, {#}) < ({@}, {#}))", "(({@}, {#}) IN (({@}, {#}), ({@}, {#})))",
            "(({@}, {#}) >= ({@}, {#}))", "(({@}, {#}) IS DISTINCT FROM ({@}, {#}))", "(ROW({@}, {#}) IS NULL)", "(ROW({@}, {#}) IS NOT NULL)", "(({d}, {d}) OVERLAPS ({d}, {d}))",
            "{i}::bool", "isfinite({d})", "isfinite({ts})", "({s} = {i})", "({i} < {l})", "({i} = {n})", "({i} > {f})", "({n} < {f})", "({t} = {v})", "({d} = {ts})", "({d} < {tz})", "({l} IN ({s}, {i}))",
            "({i} = {K})", "({t} = 'a')", "({v} LIKE 'a%')", "({by} < {by})", "({t}::text COLLATE \"C\" < {t})", "(ROW({@}, {#}) IS NOT DISTINCT FROM ROW({@}, {#}))", "({u} IN ({u}, {u}))",
        ],
        [Kind.Int4] =
        [
            "({i} % 100 + {i} % 100)", "({i} % 1000 - {i} % 100)", "({i} % 100 * ({i} % 100))", "(({i} % 1000) / NULLIF({i}, 0))", "({i} % NULLIF({i}, 0))", "abs({i} % 100)", "({i} & {i})", "({i} | {i})",
            "({i} # {i})", "(~ {i})", "({i} << ({i} & 7))", "({i} >> ({i} & 15))", "(- ({i} % 100))", "length({t})", "char_length({v})", "octet_length({t})", "bit_length({t})", "ascii({t})", "strpos({t}, {t})",
            "position({t} IN {t})", "array_length({ia}, 1)", "cardinality({ta})", "cardinality({ia})", "array_position({ia}, {i})", "array_upper({ia}, 1)", "array_lower({ia}, 1)", "array_ndims({ia})",
            "({ia})[{i} & 3]", "({ia})[1]", "num_nulls({@}, {#})", "num_nonnulls({@}, {#}, {i})", "sign({i})::int4", "octet_length({by})", "length({by})", "{s}::int4", "({s} + {s}::int4)", "{b}::int4",
            "(date '2024-05-01' - date '2023-01-01' + {i} % 10)", "coalesce({i}, {s})", "width_bucket({f}, 0, 10, 5)", "(extract(day FROM {iv}))::int4", "scale({n})", "min_scale({n})", "({d} - date '2000-01-01')",
            "cardinality(array_positions({ia}, {i}))", "length(({j})::text)", "({i} + {K})", "({i} % 10)",
        ],
        [Kind.Int2] = ["({i} % 100)::int2", "({s} % 10::int2)", "({s} & {s})", "({s} | {s})", "(~ {s})", "({s} / NULLIF({s}, 0::int2))"],
        [Kind.Int8] =
        [
            "({i}::int8 * {i})", "({l} % 1000 + {i} % 100)", "({i} % 100 - {l} % 100)", "{i}::int8", "length({t})::int8", "(({l} % 100000) / NULLIF({l}, 0))", "({l} & {l})", "({l} << ({i} & 7))", "({l} >> 3)",
            "bit_count({by})", "({l} % NULLIF({i}, 0))", "gcd({l} % 1000, {i}::int8 % 100)", "lcm({l} % 1000, {i}::int8 % 100)", "({l} % 1000 * ({s}))", "{s}::int8",
        ],
        [Kind.Numeric] =
        [
            "({n} + {n})", "({n} - {n})", "({n} * {n})", "({n} / NULLIF({n}, 0))", "({n} % NULLIF({n}, 0))", "round({n}, 2)", "round({n}, -1)", "round({n})", "trunc({n}, 1)", "ceil({n})", "floor({n})", "abs({n})",
            "sign({n})", "(- {n})", "sqrt(abs({n}))", "{i}::numeric", "{l}::numeric", "{i}::numeric(20, 3)", "extract(epoch FROM {ts})", "extract(month FROM {d})", "extract(year FROM {iv})", "div({n}, NULLIF({n}, 0))",
            "trim_scale({n})", "power(abs({n} % 10), 2)", "({n} + {i})", "({l} * {n})", "({i} / 7.0)", "extract(dow FROM {tz})", "exp(({i} % 10)::numeric)", "ln(1 + abs({i}::numeric))", "({i}::numeric / 3)", "factorial(abs({i} % 10)::int8)",
        ],
        [Kind.Float8] =
        [
            "({f} + {f})", "({f} - {f})", "({f} * {f})", "({f} / NULLIF({f}, 0))", "{i}::float8", "{l}::float8", "sqrt(abs({f}))", "floor({f})", "ceil({f})", "round({f})", "trunc({f})", "abs({f})", "sign({f})", "(- {f})",
            "date_part('day', {ts})", "date_part('hour', {tz})", "exp(least({f}, 5))", "ln(1 + abs({i}::float8))", "power({i} % 10, 2)", "atan2({i}, 2)", "degrees({f})", "radians({f})", "cbrt({f})", "{f}::float4::float8", "({f} + {i})", "({i} * {f})",
            "date_part('epoch', {iv})", "sin(({i} % 10)::float8)", "({i} % 100)::float4::float8", "pi()",
        ],
        [Kind.Text] =
        [
            "({t} || {t})", "upper({t})", "lower({t})", "initcap({t})", "trim({t})", "ltrim({t}, {t})", "rtrim({t}, 'b ')", "btrim({t}, 'a')", "reverse({t})", "left({t}, {i} % 5)", "right({t}, {i} % 5)",
            "substr({t}, {i} % 5)", "substr({t}, {i} % 5, abs({i} % 5))", "substring({t} FROM 2 FOR 3)", "substring({t} FROM 'a(.)')", "substring({t}, '[a-z]+')", "replace({t}, {t}, {t})", "lpad({t}, {i} % 10)", "rpad({t}, {i} % 10, 'xy')",
            "repeat({t}, {i} & 3)", "split_part({t}, 'b', 1)", "split_part({t}, {t}, -1)", "translate({t}, 'abc', 'xy')", "md5({t})", "overlay({t} PLACING 'Q' FROM 2)", "concat({@}, {#})", "concat_ws('-', {@}, {#}, {t})", "format('%s/%s', {@}, {#})",
            "format('%I %L', {t}, {t})", "to_char({i}, 'FM9999')", "to_char({n}, '9G999D99')", "to_char({ts}, 'YYYY-MM-DD HH24:MI:SS.US')", "to_char({d}, 'Day DDth Mon YYYY')", "to_char({tz}, 'HH12:MI AM IYYY-IW')", "{i}::text", "{n}::text", "{f}::text", "{b}::text", "{d}::text", "{ts}::text",
            "{tz}::text", "{iv}::text", "{j}::text", "{ia}::text", "{by}::text", "quote_literal({t})", "quote_nullable({t})", "quote_ident({t})", "regexp_replace({t}, 'a', 'X')", "regexp_replace({t}, '(.)b', '\\1', 'g')", "chr(abs({i} % 60) + 65)",
            "to_hex({i})", "encode({by}, 'hex')", "encode({by}, 'base64')", "encode({by}, 'escape')", "array_to_string({ta}, ',')", "array_to_string({ia}, ',', '*')", "({j} ->> 'a')", "({j} #>> '{a,b}')", "({j} ->> 0)", "jsonb_typeof({j})", "pg_typeof({@})::text",
            "({ta})[1]", "({ta})[{i} & 3]", "{v}::text", "upper({v})", "({v} || {t})", "({v} || {v})", "({t} || {i})", "({i} || {t})", "{t}::varchar(3)::text", "{t}::char(3)::text", "(regexp_match({t}, '(a)(b)?'))[1]", "array_dims({ia})", "jsonb_pretty({j})", "{u}::text",
            "(row({@}, {#}))::text", "to_char({iv}, 'DD HH24:MI')", "nullif({t}, '')", "date_trunc('day', {ts})::text", "to_jsonb({@})::text", "to_json({@})::text", "json_build_object('x', {@})::text", "row_to_json(row({@}, {#}))::text",
        ],
        [Kind.Varchar] = ["{t}::varchar(5)", "{i}::varchar", "coalesce({v}, {v})"],
        [Kind.Date] = ["({d} + {i} % 1000)", "({d} - {i} % 1000)", "{ts}::date", "{tz}::date", "make_date(2000 + abs({i} % 50), 1 + abs({i} % 12), 1)", "to_date('2024-05-' || (10 + abs({i} % 10)), 'YYYY-MM-DD')"],
        [Kind.Timestamp] =
        [
            "({ts} + {iv})", "({ts} - {iv})", "date_trunc('month', {ts})", "date_trunc('week', {ts})", "{d}::timestamp", "({d} + {iv})", "({tz} AT TIME ZONE 'UTC')", "({tz} AT TIME ZONE 'America/New_York')", "date_bin('15 minutes', {ts}, '2001-01-01')",
            "{tz}::timestamp", "make_timestamp(2020, 1 + abs({i} % 12), 2, 3, 4, 5.5)", "{ts}::timestamp(0)",
        ],
        [Kind.TimestampTz] = ["({tz} + {iv})", "({tz} - {iv})", "date_trunc('hour', {tz})", "date_trunc('day', {tz}, 'Asia/Tokyo')", "({ts} AT TIME ZONE 'America/New_York')", "{ts}::timestamptz", "to_timestamp({i})", "{d}::timestamptz"],
        [Kind.Interval] = ["({iv} + {iv})", "({iv} - {iv})", "({iv} * 2)", "({iv} * 1.5)", "({iv} / 3)", "(- {iv})", "justify_days({iv})", "justify_hours({iv})", "justify_interval({iv})", "make_interval(days => {i} % 100)", "(timestamp '2024-03-01 10:00' - timestamp '2023-02-28 11:30' + {iv})", "age(timestamp '2024-03-01', {d}::timestamp)", "({i} % 100) * interval '1 hour'", "{iv}::interval(0)"],
        [Kind.Uuid] = ["md5({t})::uuid", "{u}::text::uuid"],
        [Kind.Jsonb] =
        [
            "to_jsonb({@})", "jsonb_build_object('k', {@}, 'm', {#})", "jsonb_build_array({@}, {#})", "({j} -> 'a')", "({j} -> 0)", "({j} -> -1)", "({j} || {j})", "jsonb_strip_nulls({j})", "({j} #> '{a,b}')", "to_jsonb({ta})", "({j} -> {t})", "to_jsonb(row({@}, {#}))",
            "jsonb_build_object({t}, {@})", "{j}::text::jsonb",
        ],
        [Kind.IntArray] =
        [
            "({ia} || {i})", "({i} || {ia})", "({ia} || {ia})", "array_append({ia}, {i})", "array_prepend({i}, {ia})", "array_cat({ia}, {ia})", "array_remove({ia}, {i})", "array_replace({ia}, {i}, {i})", "({ia})[1:2]", "({ia})[2:]", "ARRAY[{i}, {i}]", "ARRAY[{i}]",
            "array_positions({ia}, {i})", "array_fill({i}, ARRAY[2])", "ARRAY[{s}, {i}]",
        ],
        [Kind.TextArray] = ["string_to_array({t}, 'b')", "string_to_array({t}, NULL)", "ARRAY[{t}, {t}]", "({ta} || {t})", "regexp_split_to_array({t}, ' ')", "array_remove({ta}, {t})", "array_replace({ta}, {t}, {t})", "{ia}::text[]", "array_cat({ta}, {ta})", "regexp_match({t}, '(.)(b)?')"],
        [Kind.Bytea] = ["({by} || {by})", "convert_to({t}, 'UTF8')", "substr({by}, 1, 2)", "sha256({by})", "decode('abcd', 'hex')", "substring({by} FROM 2)"],
    };

    private static readonly Dictionary<Kind, string[]> AllAggregates = new()
    {
        [Kind.Int8] = ["count(*)", "count({@})", "count(DISTINCT {@})", "sum({i})", "sum({s})", "sum(DISTINCT {i})", "bit_or({l})", "rank({K}) WITHIN GROUP (ORDER BY {i})", "dense_rank({K}) WITHIN GROUP (ORDER BY {i} DESC)", "regr_count({f}, {f})", "count(({i}, {t}))"],
        [Kind.Numeric] = ["sum({n})", "sum({l})", "avg({i})", "avg({n})", "avg({l})", "avg(DISTINCT {i})", "var_samp({i})", "stddev_pop({i})", "variance({n})", "stddev({l})", "sum(DISTINCT {n})"],
        [Kind.Float8] = ["sum(({i} % 100)::float8)", "avg({i}::float8)", "stddev({i}::float8)", "corr({i} % 10, {i} % 10)", "regr_slope({i} % 10, {i} % 10)", "covar_pop({i} % 10, {i} % 10)", "sum({f})", "avg({f})", "percentile_cont(0.5) WITHIN GROUP (ORDER BY {f})", "percentile_cont(0.3) WITHIN GROUP (ORDER BY {i})", "cume_dist({K}) WITHIN GROUP (ORDER BY {i})", "percent_rank({K}) WITHIN GROUP (ORDER BY {i})"],
        [Kind.Bool] = ["bool_and({b})", "bool_or({b})", "every({b})", "(count(*) > {K})", "(max({i}) = {K})"],
        [Kind.Int4] = ["bit_and({i})", "bit_or({i})", "bit_xor({i})", "(count(*) % 100)::int4", "max({i} % 100)"],
        [Kind.Text] = ["string_agg({t}, ',' ORDER BY {=})", "string_agg(DISTINCT {t}, ',')", "string_agg({t}, '-' ORDER BY {=} DESC NULLS LAST)", "max({v})::text", "json_agg({@} ORDER BY {=})::text", "json_object_agg({i}, 1 ORDER BY {=})::text"],
        [Kind.Jsonb] = ["jsonb_agg({@} ORDER BY {=})", "jsonb_object_agg(coalesce({t}, ''), 1)", "jsonb_agg(DISTINCT {i})"],
        [Kind.IntArray] = ["array_agg({i} ORDER BY {=})", "array_agg(DISTINCT {i})", "array_agg({i} ORDER BY {=} DESC)", "array_agg(DISTINCT {i} ORDER BY {=} DESC NULLS LAST)"],
        [Kind.TextArray] = ["array_agg({t} ORDER BY {=})", "array_agg(DISTINCT {t})"],
    };

    private static readonly Kind[] WithMinMax =
        [Kind.Int2, Kind.Int4, Kind.Int8, Kind.Numeric, Kind.Float8, Kind.Text, Kind.Date, Kind.Timestamp, Kind.TimestampTz, Kind.Interval, Kind.IntArray, Kind.TextArray];

    private static readonly string[] MinMax = ["max({T})", "min({T})", "max(DISTINCT {T})"];
    private static readonly string[] OrderedSet = ["percentile_disc(0.25) WITHIN GROUP (ORDER BY {T})", "percentile_disc(1) WITHIN GROUP (ORDER BY {T} DESC)", "mode() WITHIN GROUP (ORDER BY {T})"];

    public static string[] Of(Kind kind) => All[kind];

    public static string[] Aggregates(Kind kind) =>
        [.. AllAggregates.GetValueOrDefault(kind, []), .. WithMinMax.Contains(kind) ? MinMax : [], .. OrderedSet];
}
