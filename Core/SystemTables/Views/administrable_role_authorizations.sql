SELECT r.grantee, r.role_name, r.is_grantable FROM information_schema.applicable_roles r WHERE r.is_grantable = 'YES'
