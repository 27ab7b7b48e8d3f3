SELECT pg_catalog.current_database(), nt.nspname, t.typname,
    CASE WHEN bt.typelem <> 0 AND bt.typlen = -1 THEN 'ARRAY' WHEN nbt.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.typbasetype, NULL) ELSE 'USER-DEFINED' END,
    CASE WHEN t.typbasetype IN (1042, 1043) AND t.typtypmod > 0 THEN t.typtypmod - 4 WHEN t.typbasetype IN (1560, 1562) AND t.typtypmod > 0 THEN t.typtypmod END,
    CASE WHEN t.typbasetype NOT IN (25, 1042, 1043) THEN NULL WHEN t.typtypmod > 0 THEN (t.typtypmod - 4) * 4 ELSE 1073741824 END,
    NULL, NULL, NULL, CASE WHEN co.collname IS NOT NULL THEN pg_catalog.current_database() END, CASE WHEN co.collname IS NOT NULL THEN 'pg_catalog' END, co.collname,
    CASE t.typbasetype WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 WHEN 1700 THEN CASE WHEN t.typtypmod > 0 THEN ((t.typtypmod - 4) >> 16) & 65535 END END,
    CASE WHEN t.typbasetype IN (20, 21, 23, 700, 701) THEN 2 WHEN t.typbasetype = 1700 THEN 10 END,
    CASE WHEN t.typbasetype IN (20, 21, 23) THEN 0 WHEN t.typbasetype = 1700 AND t.typtypmod > 0 THEN (((t.typtypmod - 4) & 2047) # 1024) - 1024 END,
    CASE WHEN t.typbasetype = 1082 THEN 0 WHEN t.typbasetype IN (1083, 1114, 1184, 1266) THEN CASE WHEN t.typtypmod < 0 THEN 6 ELSE t.typtypmod END WHEN t.typbasetype = 1186 THEN CASE WHEN t.typtypmod < 0 OR t.typtypmod & 65535 = 65535 THEN 6 ELSE t.typtypmod & 65535 END END,
    NULL, NULL, t.typdefault, pg_catalog.current_database(), nbt.nspname, bt.typname, NULL, NULL, NULL, NULL, 1
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace nt ON nt.oid = t.typnamespace JOIN pg_catalog.pg_type bt ON bt.oid = t.typbasetype
    JOIN pg_catalog.pg_namespace nbt ON nbt.oid = bt.typnamespace LEFT JOIN pg_catalog.pg_collation co ON co.oid = t.typcollation AND co.collname <> 'default'
WHERE t.typtype = 'd' AND (pg_catalog.pg_has_role(t.typowner, 'USAGE') OR pg_catalog.has_type_privilege(t.oid, 'USAGE'))
