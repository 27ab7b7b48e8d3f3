SELECT s.* FROM pg_catalog.pg_stat_all_indexes s WHERE s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname ~ '^pg_toast'
