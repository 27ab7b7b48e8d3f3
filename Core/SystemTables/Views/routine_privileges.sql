SELECT pg_catalog.pg_get_userbyid(x.grantor), CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(x.grantee) END, pg_catalog.current_database(), x.nspname,
    x.proname || '_' || x.oid::pg_catalog.text, pg_catalog.current_database(), x.nspname, x.proname, 'EXECUTE', CASE WHEN x.is_grantable THEN 'YES' ELSE 'NO' END
FROM (SELECT n.nspname, p.proname, p.oid, e.grantor, e.grantee, e.is_grantable
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace, LATERAL pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) e) x
