SELECT s.relid, s.schemaname, s.relname, 0, 0, 0, 0, 0, 0, 0, 0 FROM pg_catalog.pg_stat_user_tables s
