SELECT s.usename, s.usesysid, s.usecreatedb, s.usesuper, s.userepl, s.usebypassrls, '********', s.valuntil, s.useconfig
FROM pg_catalog.pg_shadow s
