SELECT pg_catalog.current_database(), c.domain_schema, c.domain_name, pg_catalog.current_database(), c.table_schema, c.table_name, c.column_name
FROM information_schema.columns c WHERE c.domain_name IS NOT NULL
