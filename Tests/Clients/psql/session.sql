-- What people do in psql: variables, \copy, \gset, \gexec, cursors by FETCH_COUNT, errors and their variables.
\set ON_ERROR_STOP 0
\pset null '(null)'
CREATE TABLE psql_items (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2), added date DEFAULT '2024-02-29');
\copy psql_items (id, name, price) from stdin
1	plain	10.50
2	tab\there	\N
3	back\\slash	-0.01
\.
\copy psql_items from stdin with (format csv, header)
id,name,price,added
4,"comma, quote "" and
new line",1e3,2024-12-31
5,ä€😀,,2000-01-01
\.
\copy psql_items to stdout
\copy (SELECT id, name FROM psql_items ORDER BY id DESC LIMIT 2) to stdout with (format csv, header, force_quote *)
COPY psql_items (id, price) TO STDOUT (DELIMITER '|', NULL 'nothing');
SELECT * FROM psql_items ORDER BY id;
\x
SELECT * FROM psql_items WHERE id = 1;
\x
\set wanted 'tab\there'
\set column name
SELECT id, :"column" = E'tab\there' AS same, :'wanted' AS literal FROM psql_items WHERE id = 2;
SELECT count(*) AS items, max(price) AS dearest FROM psql_items \gset
\echo :items items, the dearest :dearest
SELECT format('SELECT %s + %s AS sum', id, id) FROM psql_items WHERE id < 3 ORDER BY id \gexec
\if :{?items}
\echo items is set
\endif
\set FETCH_COUNT 2
SELECT id, id * id AS square FROM psql_items ORDER BY id;
\unset FETCH_COUNT
SELECT nothing FROM psql_items;
\echo :ERROR :SQLSTATE :LAST_ERROR_MESSAGE
INSERT INTO psql_items VALUES (1, 'again');
\echo :SQLSTATE
INSERT INTO psql_items VALUES (9, NULL);
SELECT 1/0;
\copy psql_items from stdin
not a number	x	1	2024-01-01
\.
SELECT 1 AS one; SELECT 2 AS two;
BEGIN;
\echo in a transaction
UPDATE psql_items SET price = price + 1 WHERE price IS NOT NULL RETURNING id, price;
SAVEPOINT s;
SELECT 1/0;
SELECT 1;
ROLLBACK TO s;
SELECT sum(price) FROM psql_items;
ROLLBACK;
SELECT sum(price) FROM psql_items;
\echo :ROW_COUNT row
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT 1/0;
SELECT 'still here' AS state;
COMMIT;
PREPARE twice (int) AS SELECT $1 * 2 AS doubled;
EXECUTE twice (21);
DEALLOCATE twice;
SELECT id % 2 AS odd, name IS NULL AS unnamed, count(*) FROM psql_items GROUP BY 1, 2 ORDER BY 1 \crosstabview
\d psql_items
\dt psql_items
SET datestyle = 'German, DMY';
SELECT added FROM psql_items WHERE id = 4;
SET datestyle TO DEFAULT;
SHOW server_encoding;
DROP TABLE psql_items;
\echo end
