SELECT pg_catalog.current_database(), nc.nspname, c.conname, pg_catalog.current_database(), nt.nspname, t.typname,
    CASE WHEN c.condeferrable THEN 'YES' ELSE 'NO' END, CASE WHEN c.condeferred THEN 'YES' ELSE 'NO' END
FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_type t ON t.oid = c.contypid JOIN pg_catalog.pg_namespace nc ON nc.oid = c.connamespace JOIN pg_catalog.pg_namespace nt ON nt.oid = t.typnamespace
