SELECT s.relid, s.indexrelid, s.schemaname, s.relname, s.indexrelname, 0, 0 FROM pg_catalog.pg_stat_user_indexes s
