SELECT a.rolname, b.rolname, CASE WHEN m.admin_option THEN 'YES' ELSE 'NO' END
FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_authid a ON a.oid = m.member JOIN pg_catalog.pg_authid b ON b.oid = m.roleid
WHERE pg_catalog.pg_has_role(a.oid, 'USAGE')
