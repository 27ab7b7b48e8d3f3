SELECT pg_catalog.current_database(), x.nspname, x.name, x.kind, x.identifier, CASE WHEN ne.nspname = 'pg_catalog' THEN pg_catalog.format_type(e.oid, NULL) ELSE 'USER-DEFINED' END,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, pg_catalog.current_database(), ne.nspname, e.typname, NULL, NULL, NULL, NULL, 'a' || x.identifier
FROM (SELECT n.nspname, c.relname AS name, CASE WHEN c.relkind = 'c' THEN 'USER-DEFINED TYPE' ELSE 'TABLE' END AS kind, a.attnum::pg_catalog.text AS identifier, a.atttypid AS type
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v', 'f', 'c', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT n.nspname, t.typname, 'DOMAIN', '1', t.typbasetype FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd') x
    JOIN pg_catalog.pg_type t ON t.oid = x.type JOIN pg_catalog.pg_type e ON e.oid = t.typelem JOIN pg_catalog.pg_namespace ne ON ne.oid = e.typnamespace
WHERE t.typlen = -1 AND t.typcategory = 'A'
