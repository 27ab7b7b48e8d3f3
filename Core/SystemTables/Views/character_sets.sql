SELECT NULL, NULL, 'UTF8', 'UCS', 'UTF8', pg_catalog.current_database(), 'pg_catalog', 'default'
