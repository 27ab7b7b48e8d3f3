SELECT pg_catalog.current_database(), k.constraint_schema, k.conname, pg_catalog.current_database(), k.table_schema, k.relname, a.attname, k.place,
    CASE WHEN k.contype = 'f' THEN (SELECT p.place FROM pg_catalog.generate_subscripts(k.unique_columns, 1) p(place) WHERE k.unique_columns[p.place] = k.confkey[k.place]) END
FROM (SELECT nc.nspname AS constraint_schema, c.conname, nr.nspname AS table_schema, r.relname, r.oid AS relid, c.contype, c.conkey, c.confkey, pg_catalog.generate_subscripts(c.conkey, 1) AS place,
        (SELECT u.conkey FROM pg_catalog.pg_constraint u WHERE u.conindid = c.conindid AND u.contype IN ('p', 'u') LIMIT 1) AS unique_columns
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace nc ON nc.oid = c.connamespace JOIN pg_catalog.pg_class r ON r.oid = c.conrelid JOIN pg_catalog.pg_namespace nr ON nr.oid = r.relnamespace
    WHERE c.contype IN ('p', 'u', 'f') AND r.relkind IN ('r', 'p') AND NOT pg_catalog.pg_is_other_temp_schema(nr.oid)) k
    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.relid AND a.attnum = k.conkey[k.place]
WHERE NOT a.attisdropped AND pg_catalog.has_column_privilege(k.relid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES')
