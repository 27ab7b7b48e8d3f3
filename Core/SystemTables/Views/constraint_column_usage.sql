SELECT pg_catalog.current_database(), x.table_schema, x.relname, a.attname, pg_catalog.current_database(), x.constraint_schema, x.conname
FROM (SELECT DISTINCT nr.nspname AS table_schema, r.relname, r.oid AS relid, r.relowner, nc.nspname AS constraint_schema, c.conname,
        pg_catalog.unnest(CASE WHEN c.contype = 'f' THEN c.confkey ELSE c.conkey END) AS attnum
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace nc ON nc.oid = c.connamespace
        JOIN pg_catalog.pg_class r ON r.oid = CASE WHEN c.contype = 'f' THEN c.confrelid ELSE c.conrelid END JOIN pg_catalog.pg_namespace nr ON nr.oid = r.relnamespace
    WHERE c.contype IN ('c', 'p', 'u', 'f') AND r.relkind IN ('r', 'p')) x
    JOIN pg_catalog.pg_attribute a ON a.attrelid = x.relid AND a.attnum = x.attnum
WHERE NOT a.attisdropped AND pg_catalog.pg_has_role(x.relowner, 'USAGE')
