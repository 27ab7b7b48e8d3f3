SELECT pg_catalog.current_database(), x.nspname, x.proname || '_' || x.oid::pg_catalog.text, x.place,
    CASE x.modes[x.place] WHEN 'o' THEN 'OUT' WHEN 'b' THEN 'INOUT' WHEN 't' THEN 'OUT' ELSE 'IN' END, 'NO', 'NO', CASE WHEN x.names[x.place] <> '' THEN x.names[x.place] END,
    CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY' WHEN nt.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL) ELSE 'USER-DEFINED' END,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, pg_catalog.current_database(), nt.nspname, t.typname, NULL, NULL, NULL, NULL, x.place, NULL
FROM (SELECT n.nspname, p.proname, p.oid, p.proargnames AS names, p.proargmodes AS modes, pg_catalog.generate_series(1, coalesce(pg_catalog.array_length(p.proallargtypes, 1), p.pronargs)) AS place,
        p.proallargtypes, p.proargtypes
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE pg_catalog.pg_has_role(p.proowner, 'USAGE') OR pg_catalog.has_function_privilege(p.oid, 'EXECUTE')) x
    JOIN pg_catalog.pg_type t ON t.oid = coalesce(x.proallargtypes[x.place], x.proargtypes[x.place - 1]) JOIN pg_catalog.pg_namespace nt ON nt.oid = t.typnamespace
