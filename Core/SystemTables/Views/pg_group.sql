SELECT a.rolname, a.oid, ARRAY(SELECT m.member FROM pg_catalog.pg_auth_members m WHERE m.roleid = a.oid)
FROM pg_catalog.pg_authid a
WHERE NOT a.rolcanlogin
