SELECT pg_catalog.current_database(), a.nspname, a.relname, a.attname, a.attnum, CASE WHEN a.attgenerated = '' THEN a.expression END,
    CASE WHEN a.attnotnull OR (a.typtype = 'd' AND a.typnotnull) THEN 'NO' ELSE 'YES' END, a.data_type,
    CASE WHEN a.base IN (1042, 1043) AND a.modifier > 0 THEN a.modifier - 4 WHEN a.base IN (1560, 1562) AND a.modifier > 0 THEN a.modifier END,
    CASE WHEN a.base NOT IN (25, 1042, 1043) THEN NULL WHEN a.modifier > 0 THEN (a.modifier - 4) * 4 ELSE 1073741824 END,
    CASE a.base WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 WHEN 1700 THEN CASE WHEN a.modifier > 0 THEN ((a.modifier - 4) >> 16) & 65535 END END,
    CASE WHEN a.base IN (20, 21, 23, 700, 701) THEN 2 WHEN a.base = 1700 THEN 10 END,
    CASE WHEN a.base IN (20, 21, 23) THEN 0 WHEN a.base = 1700 AND a.modifier > 0 THEN (((a.modifier - 4) & 2047) # 1024) - 1024 END,
    CASE WHEN a.base = 1082 THEN 0 WHEN a.base IN (1083, 1114, 1184, 1266) THEN CASE WHEN a.modifier < 0 THEN 6 ELSE a.modifier END WHEN a.base = 1186 THEN CASE WHEN a.modifier < 0 OR a.modifier & 65535 = 65535 THEN 6 ELSE a.modifier & 65535 END END,
    NULL, NULL, NULL, NULL, NULL,
    CASE WHEN a.collname IS NOT NULL THEN pg_catalog.current_database() END, CASE WHEN a.collname IS NOT NULL THEN 'pg_catalog' END, a.collname,
    CASE WHEN a.typtype = 'd' THEN pg_catalog.current_database() END, CASE WHEN a.typtype = 'd' THEN a.typschema END, CASE WHEN a.typtype = 'd' THEN a.typname END,
    pg_catalog.current_database(), coalesce(a.baseschema, a.typschema), coalesce(a.basename, a.typname),
    NULL, NULL, NULL, NULL, a.attnum, 'NO',
    CASE WHEN a.attidentity IN ('a', 'd') THEN 'YES' ELSE 'NO' END, CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END,
    a.seqstart, a.seqincrement, a.seqmax, a.seqmin, CASE WHEN a.seqcycle THEN 'YES' ELSE 'NO' END,
    CASE WHEN a.attgenerated <> '' THEN 'ALWAYS' ELSE 'NEVER' END, CASE WHEN a.attgenerated <> '' THEN a.expression END,
    CASE WHEN a.relkind IN ('r', 'p') OR (a.relkind IN ('v', 'f') AND pg_catalog.pg_column_is_updatable(a.attrelid, a.attnum, false)) THEN 'YES' ELSE 'NO' END
FROM (SELECT n.nspname, c.relname, c.relkind, a.attrelid, a.attname, a.attnum, a.attnotnull, a.attidentity, a.attgenerated, t.typtype, t.typname, t.typnotnull, nt.nspname AS typschema,
        bt.typname AS basename, nbt.nspname AS baseschema, co.collname, q.seqstart, q.seqincrement, q.seqmax, q.seqmin, q.seqcycle,
        pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS expression,
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
        LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation AND co.collname <> 'default'
        LEFT JOIN (SELECT e.refobjid, e.refobjsubid, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcycle FROM pg_catalog.pg_depend e JOIN pg_catalog.pg_sequence s ON s.seqrelid = e.objid
            WHERE e.classid = 1259 AND e.refclassid = 1259 AND e.deptype = 'i') q ON q.refobjid = c.oid AND q.refobjsubid = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'f', 'p') AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)
        AND (pg_catalog.pg_has_role(c.relowner, 'USAGE') OR pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))) a
