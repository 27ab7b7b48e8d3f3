SELECT 1 + 2.5, 1 + 2::bigint, 1::smallint + 1::smallint, 2 * 1.5::real, 1.5::float8 + 1
SELECT 'a' || 'b', 'a' || 1, 1 || 'a'
SELECT a + '1' FROM t
SELECT a + 'x' FROM t
SELECT b || a FROM t
SELECT a || a FROM t
SELECT b + 1 FROM t
SELECT -a, -c, -d, +a, @ a FROM t
SELECT - 'x'
SELECT - '1'
SELECT not a FROM t
SELECT a = c, a = d, a = n, b = e, b = 'x', e = 'x' FROM t
SELECT a = b FROM t
SELECT dt = ts, ts < tz, dt + 1, dt - dt, ts - ts FROM t
SELECT ts + interval '1 day', dt + interval '1 day', tz - interval '1 hour' FROM t
SELECT dt + '1' FROM t
SELECT now() - ts FROM t
SELECT abs(a), abs(c), abs(d), abs('1'), abs(-1.5)
SELECT abs(a), abs(c), abs(d) FROM t
SELECT abs(b) FROM t
SELECT abs(a, a) FROM t
SELECT nosuch(a) FROM t
SELECT nosuch(a, 'x', NULL) FROM t
SELECT pg_catalog.nosuch(1)
SELECT length('abc'), length(b), length(e) FROM t
SELECT length(a) FROM t
SELECT substr('abc', 1), substr(b, 1, 2), substring(b from 1 for 2), substring(b, 'x') FROM t
SELECT upper(e), lower(b), trim(b), trim(both 'x' from b), ltrim(b, 'x') FROM t
SELECT position('a' in b), strpos(b, 'a'), overlay(b placing 'x' from 1) FROM t
SELECT concat('a', 1, true, NULL), concat_ws(',', a, b), format('%s', a) FROM t
SELECT round(1.5), round(1.5::float8), round(1), round(1.555, 2)
SELECT round(1.5::float8, 1)
SELECT power(2, 3), sqrt(2), mod(5, 3), mod(5::bigint, 3), floor(1.5), ceil(d) FROM t
SELECT greatest(1, 2.5), least(1, 2::bigint), greatest('a', 'b'), coalesce(a, c, 1.5) FROM t
SELECT greatest(1, 'x')
SELECT coalesce(a, b) FROM t
SELECT coalesce(a, 'x') FROM t
SELECT coalesce(NULL, NULL), nullif(1, 2), nullif('a', 'b'), nullif(a, c), nullif(1, 2.5) FROM t
SELECT CASE WHEN a = 1 THEN 1 WHEN a = 2 THEN 2.5 ELSE 3::bigint END FROM t
SELECT CASE WHEN a = 1 THEN 'x' END, CASE a WHEN 1 THEN b ELSE e END, CASE WHEN true THEN NULL END FROM t
SELECT CASE WHEN a = 1 THEN 1 ELSE 'x' END FROM t
SELECT CASE WHEN a THEN 1 END FROM t
SELECT CASE a WHEN 'x' THEN 1 END FROM t
SELECT ARRAY[1, 2.5], ARRAY['a', 'b'], ARRAY[a, c], ARRAY[[1, 2], [3, 4]], ARRAY[NULL] FROM t
SELECT ARRAY[]
SELECT ARRAY[]::int[], ARRAY['1', '2']::int[], '{1,2}'::int[]
SELECT ARRAY[1, 'x']
SELECT ARRAY[a, b] FROM t
SELECT arr[1], arr[1:2], arr[a], (arr)[1] FROM t
SELECT a[1] FROM t
SELECT arr['x'] FROM t
SELECT a IN (1, 2, 3), a IN (1, c), a IN (1, 2.5), b IN ('x', 'y'), a NOT IN (1) FROM t
SELECT a IN (1, 'x') FROM t
SELECT a IN ('1', '2') FROM t
SELECT a IN (b) FROM t
SELECT a = ANY (arr), a = ANY ('{1,2}'), a < ALL (ARRAY[1, 2]), b LIKE ANY (ARRAY['x', 'y']) FROM t
SELECT a = ANY (a) FROM t
SELECT a = ANY (ARRAY['x']) FROM t
SELECT a BETWEEN 1 AND 2, a BETWEEN 1 AND c, b BETWEEN 'a' AND 'b', a BETWEEN SYMMETRIC 2 AND 1, a NOT BETWEEN 1 AND 2 FROM t
SELECT a BETWEEN 1 AND 'x' FROM t
SELECT b LIKE 'x', b ILIKE 'x', b NOT LIKE 'x' ESCAPE '!', e LIKE 'x', b ~ 'x', b !~* 'x', b SIMILAR TO 'x' FROM t
SELECT a LIKE 'x' FROM t
SELECT a IS NULL, bo IS TRUE, bo IS NOT UNKNOWN, a IS DISTINCT FROM c, a IS NOT DISTINCT FROM NULL FROM t
SELECT a IS TRUE FROM t
SELECT a AND bo FROM t
SELECT bo AND 'x' FROM t
SELECT (a, b) = (1, 'x'), (a, b) < (1, 'x'), ROW(1, 2), (a, c) IN ((1, 2), (3, 4)) FROM t
SELECT (a, b) = (1) FROM t
SELECT (a, b) = (1, 2, 3) FROM t
SELECT a::text, a::varchar(3), b::int, d::int, a::numeric(5, 1), 1::bool, 'x'::varchar, '2020-01-01'::date FROM t
SELECT a::date FROM t
SELECT dt::int FROM t
SELECT 'x'::date
SELECT '12x'::int
SELECT CAST('1' AS int), CAST(a AS nosuch) FROM t
SELECT int '5', date '2020-01-01', interval '1' day, timestamp '2020-01-01', bool 'true'
SELECT int4(2.5), text(1), int8('5'), varchar('x'), float8(a) FROM t
SELECT true, false, NULL, 'x', 1, 1.5, 1e10, 99999999999, 99999999999999999999
SELECT extract(year from ts), date_part('year', ts), date_trunc('day', ts), date_trunc('day', dt), tz AT TIME ZONE 'UTC', ts AT TIME ZONE 'UTC' FROM t
SELECT extract(nosuch from a) FROM t
SELECT current_date, current_timestamp, localtime, current_user, session_user, current_schema, current_catalog, now()
SELECT count(*), count(a), count(DISTINCT b), sum(a), sum(c), sum(d), sum(n), avg(a), avg(d), min(b), max(e), min(dt) FROM t
SELECT sum(b) FROM t
SELECT sum('1')
SELECT count() FROM t
SELECT bool_and(bo), string_agg(b, ','), array_agg(a), array_agg(arr), bit_or(a) FROM t
SELECT string_agg(a, ',') FROM t
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY d), mode() WITHIN GROUP (ORDER BY b) FROM t
SELECT percentile_cont(0.5) FROM t
SELECT sum(a) WITHIN GROUP (ORDER BY a) FROM t
SELECT a, count(*) FROM t
SELECT a, b, count(*) FROM t GROUP BY a
SELECT b, count(*) FROM t GROUP BY c
SELECT b, count(*) FROM t GROUP BY 1
SELECT b, count(*) FROM t GROUP BY 3
SELECT b AS q, count(*) FROM t GROUP BY q HAVING count(*) > 1 ORDER BY q
SELECT b AS q FROM t WHERE q = 'x'
SELECT b FROM t GROUP BY count(*)
SELECT b FROM t WHERE sum(a) > 1
SELECT sum(sum(a)) FROM t
SELECT sum(a) FROM t HAVING b = 'x'
SELECT b FROM t HAVING true
SELECT lower(b), count(*) FROM t GROUP BY lower(b)
SELECT lower(b) || b, count(*) FROM t GROUP BY lower(b)
SELECT b, c, grouping(b, c), count(*) FROM t GROUP BY ROLLUP (b, c)
SELECT grouping(d) FROM t GROUP BY b
SELECT (SELECT t.b FROM u) FROM t GROUP BY c
SELECT row_number() OVER (ORDER BY a), rank() OVER (PARTITION BY b ORDER BY a DESC), sum(a) OVER (), lag(b, 1, 'x') OVER w FROM t WINDOW w AS (ORDER BY a)
SELECT row_number() FROM t
SELECT abs(a) OVER () FROM t
SELECT a FROM t WHERE row_number() OVER () = 1
SELECT sum(row_number() OVER ()) FROM t
SELECT sum(sum(a) OVER ()) OVER () FROM t
SELECT sum(a) OVER w FROM t
SELECT sum(sum(a)) OVER (), b FROM t GROUP BY b
SELECT lag(a, 'x') OVER (ORDER BY a) FROM t
SELECT sum(a) OVER (ORDER BY b RANGE 1 PRECEDING) FROM t
SELECT sum(a) OVER (ORDER BY a ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM t
SELECT sum(a) OVER (ORDER BY a ROWS a PRECEDING) FROM t
SELECT generate_series(1, 3), unnest(arr), unnest(ARRAY['a']) FROM t
SELECT a FROM t WHERE generate_series(1, 2) = 1
SELECT CASE WHEN true THEN generate_series(1, 2) END
SELECT sum(generate_series(1, 2))
SELECT * FROM generate_series(1, 3), generate_series(1::bigint, 3) AS g, unnest(ARRAY['a', 'b']) WITH ORDINALITY AS q (x, n)
SELECT g FROM generate_series(1, 3) AS g
SELECT * FROM abs(1), upper('x') AS q
SELECT * FROM t, u
SELECT t.*, u.x FROM t JOIN u USING (a)
SELECT * FROM t JOIN u USING (a)
SELECT * FROM t NATURAL JOIN u
SELECT a FROM t JOIN u USING (a)
SELECT a FROM t JOIN u ON t.a = u.a
SELECT a FROM t FULL JOIN u USING (a)
SELECT * FROM t JOIN u USING (x)
SELECT * FROM t JOIN u ON t.a
SELECT * FROM t JOIN t ON true
SELECT * FROM t AS q (x, y) JOIN u ON q.x = u.a
SELECT t.a FROM t AS q
SELECT q.b FROM t AS q (x, y, z)
SELECT * FROM u AS q (x, y, z)
SELECT nosuch FROM t
SELECT t.nosuch FROM t
SELECT nosuch.a FROM t
SELECT * FROM nosuch
SELECT * FROM nosuch.t
SELECT bb FROM t
SELECT t FROM t
SELECT u FROM u
SELECT (u).x, (u).* FROM u
SELECT (t).nosuch FROM t
SELECT a.x FROM t
SELECT (a).x FROM t
SELECT *
SELECT t.* FROM u
SELECT * FROM (SELECT a, b FROM t) AS q WHERE q.a = 1
SELECT * FROM (SELECT a FROM t) AS q, (SELECT q.a) AS r
SELECT * FROM (SELECT a FROM t) AS q, LATERAL (SELECT q.a + 1 AS s) AS r
SELECT * FROM t, LATERAL (SELECT x FROM u WHERE u.a = t.a) AS r
SELECT * FROM t RIGHT JOIN LATERAL (SELECT t.a) AS r ON true
SELECT (SELECT a FROM u), EXISTS (SELECT 1), ARRAY(SELECT a FROM u), a IN (SELECT a FROM u), a > ALL (SELECT a FROM u) FROM t
SELECT (SELECT a, x FROM u) FROM t
SELECT a IN (SELECT a, x FROM u) FROM t
SELECT a IN (SELECT x FROM u) FROM t
SELECT (a, b) IN (SELECT a, x FROM u), (a, b) = (SELECT a, x FROM u) FROM t
SELECT a FROM t UNION SELECT c FROM t ORDER BY a
SELECT a, b FROM t UNION SELECT a FROM t
SELECT a FROM t UNION SELECT b FROM t
SELECT 'x' UNION SELECT 1
SELECT '1' UNION SELECT 1
SELECT NULL UNION SELECT 1 UNION SELECT 2.5
SELECT 'a' UNION ALL SELECT 'b'
SELECT a FROM t UNION SELECT a FROM u ORDER BY a + 1
SELECT a FROM t UNION SELECT a FROM u ORDER BY nosuch
SELECT a FROM t INTERSECT SELECT a FROM u EXCEPT SELECT 1 LIMIT 1
VALUES (1, 'x'), (2.5, 'y')
VALUES (1), (1, 2)
VALUES (1), ('x')
SELECT a FROM t ORDER BY 2
SELECT a, a AS q, b AS q FROM t ORDER BY q
SELECT a FROM t ORDER BY 'x'
SELECT DISTINCT a FROM t ORDER BY b
SELECT DISTINCT ON (a) a, b FROM t ORDER BY b
SELECT DISTINCT ON (b) a, b FROM t ORDER BY b, a
SELECT a FROM t LIMIT 'x'
SELECT a FROM t LIMIT a
SELECT a FROM t LIMIT 1.5
SELECT a FROM t FETCH FIRST 2 ROWS WITH TIES
SELECT a FROM t ORDER BY a FETCH FIRST 2 ROWS WITH TIES
SELECT a FROM t WHERE b
SELECT a FROM t WHERE a
WITH w AS (SELECT a FROM t) SELECT * FROM w
WITH w (x, y) AS (SELECT a FROM t) SELECT * FROM w
WITH w AS (SELECT 1), w AS (SELECT 2) SELECT * FROM w
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1.5 FROM r) SELECT * FROM r
WITH RECURSIVE r AS (SELECT n FROM r) SELECT * FROM r
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.n FROM r, r AS q) SELECT * FROM r
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT (SELECT n FROM r)) SELECT * FROM r
SELECT $1 + 1, $2 || 'x', a = $3 FROM t
SELECT $1
SELECT $1 = $2
SELECT $1 + $1
SELECT $1::int, $1::text
SELECT a FROM t WHERE a = $1 AND b = $2 LIMIT $3 OFFSET $4
SELECT $1 + 1, $1 || 'x'
SELECT abs($1)
SELECT coalesce($1, a), CASE WHEN bo THEN $2 ELSE b END, a IN ($3, $4), a = ANY ($5) FROM t
SELECT a FROM t WHERE tz > $1 - interval '1 day'
INSERT INTO u VALUES (1, 'x')
INSERT INTO u VALUES (1, 'x', 2)
INSERT INTO u (a) VALUES (1, 2)
INSERT INTO u (a, x) VALUES (1)
INSERT INTO u (a, nosuch) VALUES (1, 2)
INSERT INTO u (a, a) VALUES (1, 2)
INSERT INTO u VALUES ('x', 'y')
INSERT INTO u VALUES (now(), 'y')
INSERT INTO u VALUES (1.5, 5)
INSERT INTO u SELECT a, b FROM t RETURNING *
INSERT INTO u SELECT a, a FROM t
INSERT INTO u SELECT b, a FROM t
INSERT INTO u VALUES ($1, $2)
INSERT INTO nosuch VALUES (1)
INSERT INTO t (a, b) VALUES (1, 'x') ON CONFLICT (a) DO UPDATE SET b = excluded.b || t.b WHERE t.c > 1 RETURNING a, b
INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING
INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET nosuch = 1
UPDATE t SET b = 1, c = 2.5, d = '3' WHERE a = 1 RETURNING b, c
UPDATE t SET b = 'x', b = 'y'
UPDATE t SET nosuch = 1
UPDATE t SET a = 'x'
UPDATE t SET a = b
UPDATE t SET (b, c) = ('x', 5), d = u.a FROM u WHERE u.a = t.a RETURNING t.a, u.x
UPDATE t SET (b, c) = (SELECT x, a FROM u LIMIT 1)
UPDATE t SET (b, c) = (1, 2, 3)
UPDATE t SET a = count(*)
UPDATE t SET a = DEFAULT, b = $1 WHERE c = $2
DELETE FROM t USING u WHERE t.a = u.a RETURNING t.*, x
DELETE FROM t WHERE nosuch = 1
DELETE FROM nosuch
