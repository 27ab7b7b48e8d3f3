SELECT DISTINCT pg_catalog.current_database(), nv.nspname, v.relname, pg_catalog.current_database(), nt.nspname, t.relname, a.attname
FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class v ON v.oid = w.ev_class JOIN pg_catalog.pg_namespace nv ON nv.oid = v.relnamespace
    JOIN pg_catalog.pg_depend d ON d.classid = 2618 AND d.objid = w.oid AND d.refclassid = 1259 AND d.refobjid <> v.oid
    JOIN pg_catalog.pg_class t ON t.oid = d.refobjid JOIN pg_catalog.pg_namespace nt ON nt.oid = t.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE v.relkind = 'v' AND t.relkind IN ('r', 'v', 'f', 'p') AND pg_catalog.pg_has_role(t.relowner, 'USAGE')
