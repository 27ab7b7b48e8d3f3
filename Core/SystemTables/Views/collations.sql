SELECT pg_catalog.current_database(), n.nspname, c.collname, 'NO PAD'
FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
WHERE c.collencoding IN (-1, 6)
