// node-postgres as applications use it. Prints what it sees; the same lines are expected from VecSql and from PostgreSQL.
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

const settings = { host: '127.0.0.1', port: Number(process.argv[2]), user: 'postgres', database: 'postgres' };
const client = new pg.Client(settings);
const show = (label, ...values) => console.log(label, ...values.map(v => JSON.stringify(v, (_, x) => (typeof x === 'bigint' ? `${x}n` : x))));
const failure = e => [e.code, e.message, e.position, e.detail, e.constraint, e.table, e.column].map(x => x ?? null);

async function types() {
  const values = [['int2', -5], ['int4', 2147483647], ['int8', '9007199254740993'], ['float4', 1.5], ['float8', 1e-300], ['numeric', '123456789.000000001'], ['text', 'ä€😀\n'], ['varchar', 'v'],
    ['bool', false], ['bytea', Buffer.from([0, 255, 92])], ['date', '2024-02-29'], ['timestamp', '2024-02-29 12:00:00.5'], ['timestamptz', new Date(Date.UTC(2024, 1, 29))], ['time', '01:02:03'],
    ['interval', '1 year 2 mons -3 days 04:05:06.7'], ['uuid', '00112233-4455-6677-8899-aabbccddeeff'], ['jsonb', { a: [1, null, 'ä'] }], ['json', [1, { b: 2 }].length], ['int4[]', [1, null, 3]],
    ['text[]', ['a', 'q"u', null, '']], ['float8[]', [[1.5, 2], [3, 4]]], ['int4', null]];
  for (const [type, value] of values) {
    const text = await client.query(`SELECT $1::${type} AS v`, [value]);
    show(type, text.rows[0].v, text.fields[0].dataTypeID, text.fields[0].dataTypeSize, text.fields[0].format);
  }
  for (const [type, value] of values.filter(([t]) => ['int2', 'int4', 'int8', 'float4', 'float8', 'bool', 'text', 'bytea', 'int4[]', 'text[]'].includes(t))) {
    const binary = await client.query({ text: `SELECT $1::${type} AS v`, values: [value], binary: true });
    show(`${type} binary`, binary.rows[0].v, binary.fields[0].format);
  }
}

async function statements() {
  await client.query('CREATE TABLE js_items (id serial PRIMARY KEY, name text UNIQUE, price numeric(10,2), tags text[], extra jsonb, made timestamptz DEFAULT now())');
  for (let i = 0; i < 4; i++) {
    const added = await client.query({ name: 'add', text: 'INSERT INTO js_items (name, price, tags, extra) VALUES ($1, $2, $3, $4) RETURNING id, name, price, tags, extra', values: [`n${i}`, i / 4, ['x', `t${i}`], { i }] });
    show(added.command, added.rowCount, added.rows);
  }
  show('rows as arrays', (await client.query({ text: 'SELECT id, name FROM js_items ORDER BY id', rowMode: 'array' })).rows);
  const several = await client.query("SELECT 1 AS a; UPDATE js_items SET price = 9 WHERE id = 1; SELECT name, price FROM js_items WHERE id = 1");
  show('several', several.map(r => [r.command, r.rowCount, r.rows]));
  show('empty', (await client.query('')).rows, (await client.query('SELECT 1 AS one WHERE false')).rows);
}

async function errors() {
  for (const [sql, values] of [['SELECT missing FROM js_items'], ['SELECT $1::int', ['x']], ["INSERT INTO js_items (name) VALUES ('n1')"], ['SELEC 1'], ['SELECT 1/$1::int', [0]], ['SELECT * FROM no_such']])
    await client.query(sql, values).catch(e => show('error', ...failure(e)));
  await client.query('BEGIN');
  await client.query('SELECT 1/0').catch(e => show('error', e.code));
  await client.query('SELECT 1').catch(e => show('error', e.code, e.message));
  show('rolled back', (await client.query('ROLLBACK')).command);
}

async function cursors() {
  await client.query('BEGIN');
  const cursor = client.query(new Cursor('SELECT i, i::text AS t FROM generate_series(1, $1::int) AS i', [7]));
  for (let rows = await cursor.read(3); rows.length > 0; rows = await cursor.read(3)) show('cursor', rows);
  await cursor.close();
  const left = client.query(new Cursor('SELECT i FROM generate_series(1, 100000) AS i'));
  show('left early', await left.read(2));
  await left.close();
  show('after', (await client.query('SELECT 1 AS one')).rows);
  await client.query('COMMIT');
}

async function copies() {
  await pipeline(Readable.from(['10\tten\t1.5\n11\tel', 'even\t\\N\n']), client.query(copyFrom('COPY js_items (id, name, price) FROM STDIN')));
  await pipeline(Readable.from(['12,"t,w\nelve",2\n']), client.query(copyFrom('COPY js_items (id, name, price) FROM STDIN (FORMAT csv)')));
  let text = '';
  for await (const chunk of client.query(copyTo('COPY (SELECT id, name, price FROM js_items ORDER BY id) TO STDOUT'))) text += chunk;
  show('copied', text);
  await pipeline(Readable.from(['bad\n']), client.query(copyFrom('COPY js_items (id) FROM STDIN'))).catch(e => show('copy error', e.code, e.message, e.where));
}

async function notifications() {
  const heard = new Promise(resolve => client.once('notification', resolve));
  await client.query('LISTEN js_news');
  await client.query("NOTIFY js_news, 'hello'");
  const { channel, payload } = await heard;
  show('heard', channel, payload);
  const notice = new Promise(resolve => client.once('notice', resolve));
  await client.query('DROP TABLE IF EXISTS js_no_such');
  const { severity, message } = await notice;
  show('notice', severity, message);
}

async function pools() {
  const pool = new pg.Pool({ ...settings, max: 3 });
  const sums = await Promise.all(Array.from({ length: 9 }, (_, i) => pool.query('SELECT sum(x)::int AS s FROM generate_series(1, $1::int) AS x', [i])));
  show('pool', sums.map(r => r.rows[0].s));
  await pool.end();
}

await client.connect();
await client.query("SET timezone = 'UTC'");
for (const part of [types, statements, errors, cursors, copies, notifications, pools]) await part().catch(e => show(`FAILED ${part.name}`, ...failure(e)));
await client.query('DROP TABLE IF EXISTS js_items');
await client.end();
console.log('end');
