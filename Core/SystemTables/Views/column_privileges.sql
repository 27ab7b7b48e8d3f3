SELECT p.grantor, p.grantee, p.table_catalog, p.table_schema, p.table_name, c.column_name, p.privilege_type, p.is_grantable
FROM information_schema.table_privileges p JOIN information_schema.columns c ON c.table_schema = p.table_schema AND c.table_name = p.table_name
WHERE p.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
