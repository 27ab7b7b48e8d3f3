SELECT pg_catalog.current_database(), nc.nspname, c.conname, pg_catalog.current_database(), nr.nspname, r.relname,
    CASE c.contype WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY' WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END,
    CASE WHEN c.condeferrable THEN 'YES' ELSE 'NO' END, CASE WHEN c.condeferred THEN 'YES' ELSE 'NO' END, 'YES',
    CASE WHEN c.contype = 'u' THEN CASE WHEN (SELECT x.indnullsnotdistinct FROM pg_catalog.pg_index x WHERE x.indexrelid = c.conindid) THEN 'NO' ELSE 'YES' END END
FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace nc ON nc.oid = c.connamespace JOIN pg_catalog.pg_class r ON r.oid = c.conrelid JOIN pg_catalog.pg_namespace nr ON nr.oid = r.relnamespace
WHERE c.contype IN ('c', 'f', 'p', 'u') AND r.relkind IN ('r', 'p') AND NOT pg_catalog.pg_is_other_temp_schema(nr.oid)
    AND (pg_catalog.pg_has_role(r.relowner, 'USAGE') OR pg_catalog.has_table_privilege(r.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'))
UNION ALL
SELECT pg_catalog.current_database(), nr.nspname, nr.oid::pg_catalog.text || '_' || r.oid::pg_catalog.text || '_' || a.attnum::pg_catalog.text || '_not_null', pg_catalog.current_database(), nr.nspname,
    r.relname, 'CHECK', 'NO', 'NO', 'YES', NULL
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class r ON r.oid = a.attrelid JOIN pg_catalog.pg_namespace nr ON nr.oid = r.relnamespace
WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p') AND NOT pg_catalog.pg_is_other_temp_schema(nr.oid)
    AND (pg_catalog.pg_has_role(r.relowner, 'USAGE') OR pg_catalog.has_table_privilege(r.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'))
