SELECT pg_catalog.current_database(), c.udt_schema, c.udt_name, pg_catalog.current_database(), c.table_schema, c.table_name, c.column_name
FROM information_schema.columns c
