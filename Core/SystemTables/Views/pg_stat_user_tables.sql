SELECT s.* FROM pg_catalog.pg_stat_all_tables s WHERE s.schemaname NOT IN ('pg_catalog', 'information_schema') AND s.schemaname !~ '^pg_toast'
