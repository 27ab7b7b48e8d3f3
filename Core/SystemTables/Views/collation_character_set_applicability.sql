SELECT pg_catalog.current_database(), n.nspname, c.collname, NULL, NULL, 'UTF8'
FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
WHERE c.collencoding IN (-1, 6)
