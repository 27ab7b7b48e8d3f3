SELECT p.* FROM information_schema.table_privileges p
WHERE p.grantor IN (SELECT r.role_name FROM information_schema.enabled_roles r) OR p.grantee IN (SELECT r.role_name FROM information_schema.enabled_roles r)
