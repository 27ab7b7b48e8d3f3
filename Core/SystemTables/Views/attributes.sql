SELECT pg_catalog.current_database(), a.nspname, a.relname, a.attname, a.attnum, NULL, CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END, a.data_type,
    CASE WHEN a.base IN (1042, 1043) AND a.modifier > 0 THEN a.modifier - 4 WHEN a.base IN (1560, 1562) AND a.modifier > 0 THEN a.modifier END,
    CASE WHEN a.base NOT IN (25, 1042, 1043) THEN NULL WHEN a.modifier > 0 THEN (a.modifier - 4) * 4 ELSE 1073741824 END,
    NULL, NULL, NULL, NULL, NULL, NULL,
    CASE a.base WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 WHEN 1700 THEN CASE WHEN a.modifier > 0 THEN ((a.modifier - 4) >> 16) & 65535 END END,
    CASE WHEN a.base IN (20, 21, 23, 700, 701) THEN 2 WHEN a.base = 1700 THEN 10 END,
    CASE WHEN a.base IN (20, 21, 23) THEN 0 WHEN a.base = 1700 AND a.modifier > 0 THEN (((a.modifier - 4) & 2047) # 1024) - 1024 END,
    CASE WHEN a.base = 1082 THEN 0 WHEN a.base IN (1083, 1114, 1184, 1266) THEN CASE WHEN a.modifier < 0 THEN 6 ELSE a.modifier END WHEN a.base = 1186 THEN CASE WHEN a.modifier < 0 OR a.modifier & 65535 = 65535 THEN 6 ELSE a.modifier & 65535 END END,
    NULL, NULL, pg_catalog.current_database(), coalesce(a.baseschema, a.typschema), coalesce(a.basename, a.typname), NULL, NULL, NULL, NULL, a.attnum, 'NO'
FROM (SELECT n.nspname, c.relname, a.attname, a.attnum, a.attnotnull, t.typname, nt.nspname AS typschema, bt.typname AS basename, nbt.nspname AS baseschema,
        CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END AS base, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS modifier,
        CASE WHEN t.typtype = 'd'
        THEN CASE WHEN bt.typelem <> 0 AND bt.typlen = -1 THEN 'ARRAY' WHEN nbt.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.typbasetype, NULL) ELSE 'USER-DEFINED' END
        ELSE CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY' WHEN nt.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL) ELSE 'USER-DEFINED' END END AS data_type
    FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        JOIN pg_catalog.pg_namespace nt ON nt.oid = t.typnamespace
        LEFT JOIN pg_catalog.pg_type bt ON t.typtype = 'd' AND bt.oid = t.typbasetype
        LEFT JOIN pg_catalog.pg_namespace nbt ON nbt.oid = bt.typnamespace
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'c') a
