#!/usr/bin/env python3
"""Asks a PostgreSQL 15 server for results of aggregates: aggregate.tsv. Each line: name(types), number of direct arguments, WITHIN GROUP's direction or -,
the values of each argument between '|', the result."""
import random, subprocess
from generate import escape, quote

SETS = {
    'int2': [['1', '2', '3', '32767', '-5'], ['\\N', '4'], ['\\N']],
    'int4': [['1', '2', '2', '-7', '2147483647', '\\N'], ['2147483647', '2147483647'], ['5'], ['\\N', '\\N'], ['3', '1', '2', '10', '4', '4']],
    'int8': [['9223372036854775807', '9223372036854775807', '1'], ['1', '2', '3', '\\N'], ['-9223372036854775808'], ['5', '6', '6', '6', '7']],
    'float4': [['1.5', '2.25', '-3', '\\N'], ['3.4e38', '3.4e38'], ['1'], ['NaN', '1']],
    'float8': [['1.5', '2.25', '-3', '1e10', '\\N'], ['0.1', '0.2', '0.3'], ['1e308', '1e308'], ['7'], ['NaN', '1', '2'], ['Infinity', '1'], ['\\N']],
    'numeric': [['1.50', '2.25', '-3.125', '\\N'], ['99999999999999999999', '0.00000000000000000001', '5'], ['NaN', '1'], ['Infinity', '-Infinity'], ['Infinity', '1'], ['1'],
                ['0.1', '0.2', '0.30', '100'], ['\\N'], ['170141183460469231731687303715884105727', '170141183460469231731687303715884105727', '1.5'], ['10.00', '20.00', '30.00', '40.00']],
    'bool': [['t', 't', 'f'], ['t', 't'], ['f', '\\N'], ['\\N']],
    'text': [['b', 'a', 'c', '\\N'], ['äö', 'z', 'Z', ''], ['\\N']], 'bpchar': [['b ', 'a', 'b']],
    'bytea': [['\\x01', '\\x00ff'], ['\\N']], 'oid': [['7', '4000000000']], 'tid': [['(0,1)', '(2,3)', '(0,9)']], 'xid8': [['5', '18446744073709551615']],
    'bit': [['1010', '0110'], ['1', '\\N'], ['1', '10']],
}
CALLS = [(n, [t]) for n in ['sum', 'avg', 'variance', 'var_samp', 'var_pop', 'stddev', 'stddev_samp', 'stddev_pop'] for t in ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric']]
CALLS += [(n, [t]) for n in ['min', 'max'] for t in ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'text', 'bpchar', 'oid', 'tid', 'xid8']]
CALLS += [(n, [t]) for n in ['bit_and', 'bit_or', 'bit_xor'] for t in ['int2', 'int4', 'int8', 'bit']] + [(n, ['bool']) for n in ['bool_and', 'bool_or', 'every']] + [('count', ['any'])]
PAIRS = [(['1', '2', '3', '4', '\\N'], ['2', '4.5', '5', '9', '1']), (['1'], ['2']), (['1', '2'], ['3', '3']), (['5', '5'], ['1', '2']), (['1', 'NaN', '2'], ['1', '2', '3']), (['\\N'], ['1'])]
TWO = ['regr_count', 'regr_sxx', 'regr_syy', 'regr_sxy', 'regr_avgx', 'regr_avgy', 'regr_r2', 'regr_slope', 'regr_intercept', 'covar_pop', 'covar_samp', 'corr']

def literal(v, t): return 'NULL' if v == '\\N' else quote(v) + '::' + ('"bit"' if t == 'bit' else t)

cases = []  # (signature, direct, order, columns, types, sql of the call over v(a, b))
for name, (t,) in CALLS:
    actual = 'int4' if t == 'any' else t
    for values in SETS[actual]: cases.append((f'{name}({t})', 0, '-', [values], [actual], f'{name}(a)'))
for name in TWO:
    for y, x in PAIRS: cases.append((f'{name}(float8,float8)', 0, '-', [y, x], ['float8', 'float8'], f'{name}(a, b)'))
for values in SETS['text']: cases.append(('string_agg(text,text)', 0, '-', [values, [', ', '-', '\\N', ';'][:len(values)]], ['text', 'text'], 'string_agg(a, b)'))
cases.append(('string_agg(bytea,bytea)', 0, '-', [['\\x01', '\\N', '\\x02'], ['\\x2c', '\\x2c', '\\x3b']], ['bytea', 'bytea'], 'string_agg(a, b)'))
for order in ['asc', 'desc']:
    for p in ['0', '0.25', '0.5', '0.9', '1', '1.5', '-0.1', '\\N']:
        for values in SETS['float8'][:2] + SETS['float8'][3:4] + [['\\N']]:
            cases.append(('percentile_cont(float8,float8)', 1, order, [[p], values], ['float8', 'float8'], f"percentile_cont({literal(p, 'float8')}) within group (order by b {order})"))
        for values in SETS['int4']:
            cases.append(('percentile_disc(float8,anyelement)', 1, order, [[p], values], ['float8', 'int4'], f"percentile_disc({literal(p, 'float8')}) within group (order by b {order})"))
    for values in SETS['int4']:
        cases.append(('mode(anyelement)', 0, order, [values], ['int4'], f'mode() within group (order by a {order})'))
        for name in ['rank', 'dense_rank', 'percent_rank', 'cume_dist']:
            for d in ['2', '-100', '\\N']:
                cases.append((f'{name}(any)', 1, order, [[d], values], ['int4', 'int4'], f"{name}({literal(d, 'int4')}) within group (order by b {order})"))

sql = ["create function pg_temp.ask(q text) returns text language plpgsql as $f$ declare r text; begin execute q into r; return replace(r, '\\', '\\\\');",
       " exception when others then return 'ERROR:' || sqlstate || ':' || sqlerrm; end $f$;"]
for signature, direct, order, columns, types, call in cases:
    n = max(map(len, columns))
    filled = [c if len(c) == n else c * n for c in columns]
    rows = ', '.join('(' + ', '.join(literal(c[i], t) for c, t in zip(filled, types)) + ')' for i in range(n))
    names = ', '.join('ab'[:len(columns)])
    casts = ', '.join('cast(' + c + ' as ' + ('"bit"' if t == 'bit' else t) + ') as ' + c for c, t in zip('ab', types)) if 'bit' not in types else names
    shown = f'textin(bpcharout({call}))' if '(bpchar)' in signature else f'({call})::text'  # the cast of char(n) to text trims
    sql.append('select pg_temp.ask(' + quote(f'select {shown} from (select {casts} from (values {rows}) v({names})) w') + ');')
run = subprocess.run(['psql', '-qAtX', '-P', 'null=\\N'], input='\n'.join(sql), capture_output=True, text=True, encoding='utf-8')
answers = run.stdout.split('\n')[:-1]
assert len(answers) == len(cases), run.stderr
for (signature, direct, order, columns, types, call), answer in zip(cases, answers):
    print('\t'.join([signature, str(direct), order] + ['|'.join(v if v == '\\N' else escape(v) for v in c) for c in columns] + [answer]))
