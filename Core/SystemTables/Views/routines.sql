SELECT pg_catalog.current_database(), n.nspname, p.proname || '_' || p.oid::pg_catalog.text, pg_catalog.current_database(), n.nspname, p.proname,
    CASE p.prokind WHEN 'f' THEN 'FUNCTION' WHEN 'p' THEN 'PROCEDURE' END, NULL, NULL, NULL, NULL, NULL, NULL,
    CASE WHEN p.prokind = 'p' THEN NULL WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY' WHEN nt.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL) ELSE 'USER-DEFINED' END,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    CASE WHEN p.prokind <> 'p' THEN pg_catalog.current_database() END, CASE WHEN p.prokind <> 'p' THEN nt.nspname END, CASE WHEN p.prokind <> 'p' THEN t.typname END,
    NULL, NULL, NULL, NULL, CASE WHEN p.prokind <> 'p' THEN 0 END,
    CASE WHEN l.lanname = 'sql' THEN 'SQL' ELSE 'EXTERNAL' END, CASE WHEN pg_catalog.pg_has_role(p.proowner, 'USAGE') THEN p.prosrc END,
    CASE WHEN l.lanname = 'c' THEN p.prosrc END, pg_catalog.upper(l.lanname::pg_catalog.text), 'GENERAL', CASE WHEN p.provolatile = 'i' THEN 'YES' ELSE 'NO' END, 'MODIFIES',
    CASE WHEN p.prokind <> 'p' THEN CASE WHEN p.proisstrict THEN 'YES' ELSE 'NO' END END, NULL, 'YES', 0, NULL, NULL,
    CASE WHEN p.prosecdef THEN 'DEFINER' ELSE 'INVOKER' END, NULL, NULL, NULL, 'NO', NULL, NULL, NULL, 'NO',
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    LEFT JOIN pg_catalog.pg_type t ON t.oid = p.prorettype LEFT JOIN pg_catalog.pg_namespace nt ON nt.oid = t.typnamespace
WHERE pg_catalog.pg_has_role(p.proowner, 'USAGE') OR pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
