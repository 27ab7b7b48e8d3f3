// Reads and writes Arrow by Apache Arrow's own JavaScript library. Values print by the rules of ../Rendering.cs.
//   node arrow.mjs read FILE...      one line of JSON per file: an array of batches, each { column: [values] }
//   node arrow.mjs write FOLDER      writes js.arrow (file), js.stream (stream); prints js.arrow's line
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as arrow from 'apache-arrow';

const { DataType } = arrow;

const doubleBits = (value) => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
};
const hex = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

// What a row is stored as: the library's own getters turn these into dates and lose units.
const isRaw = (type) => DataType.isDate(type) || DataType.isTime(type) || DataType.isTimestamp(type) || DataType.isDuration(type) || DataType.isInterval(type) || DataType.isDecimal(type);
const isDayTime = (type) => DataType.isInterval(type) && type.unit === arrow.IntervalUnit.DAY_TIME;
const raw = (data, row) => {
  if (!data.getValid(row)) return null;
  const perRow = DataType.isDecimal(data.type) ? data.type.bitWidth / 32 : isDayTime(data.type) ? 2 : 1;
  if (perRow === 1) return String(data.values[row]);
  return hex(data.values.subarray(row * perRow, (row + 1) * perRow));
};

const render = (type, value) => {
  if (value === null || value === undefined) return null;
  if (DataType.isDictionary(type)) return render(type.dictionary, value);
  if (DataType.isInt(type)) return String(value);
  if (DataType.isFloat(type)) return doubleBits(value);
  if (DataType.isBool(type) || DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return value;
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) return hex(value);
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) return [...value].map((item) => render(type.children[0].type, item));
  if (DataType.isStruct(type)) return type.children.map((child) => render(child.type, value[child.name]));
  if (DataType.isMap(type)) return [...value].map(([key, item]) => [render(type.keyType, key), render(type.valueType, item)]);
  throw new Error(`no rule for ${type}`);
};

const column = (data) => {
  const { type } = data;
  const vector = new arrow.Vector([data]);
  return Array.from({ length: data.length }, (_, row) => {
    if (isRaw(type)) return raw(data, row);
    if (DataType.isUnion(type)) return render(type.children[type.typeIdToChildIndex[data.typeIds[row]]].type, vector.get(row));
    return render(type, vector.get(row));
  });
};

const table = (path) => JSON.stringify(arrow.tableFromIPC(readFileSync(path)).batches.map((batch) =>
  Object.fromEntries(batch.schema.fields.map((field, i) => [field.name, column(batch.data.children[i])]))));

const sample = () => {
  const from = (values, type) => arrow.vectorFromArray(values, type);
  const columns = {
    null: from([null, null, null], new arrow.Null()),
    bool: from([true, null, false], new arrow.Bool()),
    int8: from([-128, null, 127], new arrow.Int8()),
    int64: from([-9223372036854775808n, null, 9223372036854775807n], new arrow.Int64()),
    uint32: from([0, null, 4294967295], new arrow.Uint32()),
    uint64: from([0n, null, 18446744073709551615n], new arrow.Uint64()),
    float16: from([-0.5, null, 2], new arrow.Float16()),
    float32: from([-0.5, null, 3.25], new arrow.Float32()),
    float64: from([-0.1, null, Infinity], new arrow.Float64()),
    utf8: from(['', null, 'grüße 🐘'], new arrow.Utf8()),
    largeutf8: from(['a', null, 'bc'], new arrow.LargeUtf8()),
    binary: from([new Uint8Array([0, 255]), null, new Uint8Array()], new arrow.Binary()),
    largebinary: from([new Uint8Array([1]), null, new Uint8Array([2, 3])], new arrow.LargeBinary()),
    fixedbinary: from([new Uint8Array([1, 2]), null, new Uint8Array([3, 4])], new arrow.FixedSizeBinary(2)),
    date32: from([new Date(-86400000), null, new Date(86400000)], new arrow.DateDay()),
    date64: from([new Date(-86400000), null, new Date(86400000)], new arrow.DateMillisecond()),
    time32: from([1, null, 2], new arrow.TimeSecond()),
    time64: from([1n, null, 2n], new arrow.TimeNanosecond()),
    timestamp: from([1, null, 2], new arrow.TimestampMicrosecond('UTC')),
    duration: from([1n, null, -2n], new arrow.DurationMillisecond()),
    interval: from([1, null, 2], new arrow.IntervalYearMonth()),
    vector: from([[1, 2], null, [-1.5, 3]], new arrow.FixedSizeList(2, new arrow.Field('item', new arrow.Float32()))),
    list: from([[1, null, 3], null, []], new arrow.List(new arrow.Field('item', new arrow.Int32()))),
    struct: from([{ a: 1, b: 'x' }, null, { a: 2, b: null }], new arrow.Struct([new arrow.Field('a', new arrow.Int32()), new arrow.Field('b', new arrow.Utf8())])),
    map: from([new Map([['k1', 1], ['k2', 2]]), null, new Map([['k3', 3]])],
      new arrow.Map_(new arrow.Field('entries', new arrow.Struct([new arrow.Field('key', new arrow.Utf8(), false), new arrow.Field('value', new arrow.Int32())]), false))),
    dictionary: from(['red', null, 'green'], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int16())),
  };
  return new arrow.Table(columns);
};

const [command, ...paths] = process.argv.slice(2);
if (command === 'read') {
  for (const path of paths) console.log(table(path));
} else if (command === 'write') {
  const made = sample();
  writeFileSync(join(paths[0], 'js.arrow'), arrow.tableToIPC(made, 'file'));
  writeFileSync(join(paths[0], 'js.stream'), arrow.tableToIPC(made, 'stream'));
  console.log(table(join(paths[0], 'js.arrow')));
} else {
  throw new Error('read or write');
}
