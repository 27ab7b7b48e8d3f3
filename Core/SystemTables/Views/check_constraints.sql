SELECT pg_catalog.current_database(), n.nspname, c.conname, pg_catalog.substr(pg_catalog.pg_get_constraintdef(c.oid), 7)
FROM pg_catalog.pg_constraint c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace LEFT JOIN pg_catalog.pg_class r ON r.oid = c.conrelid LEFT JOIN pg_catalog.pg_type t ON t.oid = c.contypid
WHERE c.contype = 'c' AND pg_catalog.pg_has_role(coalesce(r.relowner, t.typowner), 'USAGE')
UNION ALL
SELECT pg_catalog.current_database(), n.nspname, n.oid::pg_catalog.text || '_' || r.oid::pg_catalog.text || '_' || a.attnum::pg_catalog.text || '_not_null', a.attname || ' IS NOT NULL'
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class r ON r.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND r.relkind IN ('r', 'p') AND pg_catalog.pg_has_role(r.relowner, 'USAGE')
