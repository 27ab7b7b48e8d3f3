-- Views, vector columns and their indexes, on top of tables.sql: only VecSql's dumps of them are compared with each other.
CREATE EXTENSION vector;
CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector(3), any_size vector, m app.mood DEFAULT 'ok');
ALTER TABLE items ADD e vector(3) DEFAULT '[1,2,3]' CHECK (e <-> '[0,0,0]' > 0 AND vector_dims(e) = 3);
INSERT INTO items (embedding, any_size) VALUES ('[1,2,3]', '[1]'), ('[4,5,6]', '[1,2]'), (NULL, NULL);
CREATE INDEX items_l2 ON items USING hnsw (embedding vector_l2_ops) WITH (m = '8', ef_construction = '40');
CREATE INDEX items_cos ON items USING hnsw (embedding vector_cosine_ops);
CREATE INDEX items_lists ON items USING ivfflat (embedding) WITH (lists = '5');
CREATE INDEX items_ip ON items USING ivfflat (embedding vector_ip_ops);
CREATE VIEW v1 AS SELECT p.id, p.code, count(c.id) AS n FROM parent p LEFT JOIN child c ON c.pid = p.id GROUP BY p.id, p.code HAVING count(*) >= 0 ORDER BY p.id;
CREATE VIEW v2 (x, y) AS SELECT id + 1, app.add(id, 2) FROM v1 WHERE code LIKE 't%' OR code = ANY (ARRAY['one','x']);
COMMENT ON VIEW v1 IS 'a view'; COMMENT ON COLUMN v1.n IS 'how many';
CREATE MATERIALIZED VIEW mv AS SELECT id, code FROM parent WHERE id < 3 WITH DATA;
CREATE UNIQUE INDEX mv_id ON mv (id);
CREATE MATERIALIZED VIEW mvn AS SELECT 1 AS one WITH NO DATA;
CREATE VIEW vv AS SELECT id, embedding <-> '[1,1,1]' AS d, l2_distance(embedding, '[1,2,3]'::vector), avg(embedding) OVER () AS a FROM items ORDER BY embedding <=> '[1,2,3]';
