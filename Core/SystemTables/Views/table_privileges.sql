SELECT pg_catalog.pg_get_userbyid(x.grantor), CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(x.grantee) END, pg_catalog.current_database(), x.nspname, x.relname, x.privilege_type,
    CASE WHEN x.is_grantable OR pg_catalog.pg_has_role(x.grantee, x.relowner, 'USAGE') THEN 'YES' ELSE 'NO' END, CASE WHEN x.privilege_type = 'SELECT' THEN 'YES' ELSE 'NO' END
FROM (SELECT n.nspname, c.relname, c.relowner, e.grantor, e.grantee, e.privilege_type, e.is_grantable
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
        LATERAL pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) e
    WHERE c.relkind IN ('r', 'v', 'f', 'p')) x
WHERE x.privilege_type IN ('INSERT', 'SELECT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER')
    AND (pg_catalog.pg_has_role(x.grantor, 'USAGE') OR x.grantee = 0 OR pg_catalog.pg_has_role(x.grantee, 'USAGE'))
