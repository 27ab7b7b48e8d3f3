#!/usr/bin/env python3
"""Asks a PostgreSQL 15 server how types read and write values: types.tsv. Each line: type, modifier, input, output text (or ERROR:sqlstate:message), binary form in hex."""
import subprocess
from generate import escape, quote

INPUTS = {
    'bool': ['t', 'TRUE', ' yes ', 'y', 'on', 'of', 'off', 'o', '1', '0', 'fals', '', 'tr', '2', 'no', 'maybe', 'falsee'],
    'int2': ['0', ' 12 ', '-32768', '32768', '+7', '', 'a', '1 2', '1.0', '-', '99999999999999999999'],
    'int4': ['0', ' 12 ', '-2147483648', '2147483648', '+7', '', 'abc', '12x', '0x10', '--1'],
    'int8': ['0', '-9223372036854775808', '9223372036854775807', '9223372036854775808', '', '-9223372036854775809', '1e3'],
    'oid': ['0', '4294967295', '4294967296', '-1', '-2147483649', 'x', ' 7 '], 'xid': ['7', '0', '4294967295'], 'cid': ['7'], 'xid8': ['7', '18446744073709551615', '0'],
    'float4': ['0', '-0', '1.5', '1e10', '1e40', '1e-50', 'NaN', 'inf', '-Infinity', '123456789', '1000000', '100000', '0.0001', '0.00001', 'x', '', '1.', '.5', '1e', '3.4028235e38', '1e-45', '16777216', '0.1', '1.17549435e-38', '9.999999e5'],
    'float8': ['0', '-0', '1.5', '1e15', '1e14', '123456789012345678', '1e400', '1e-400', 'nan', 'Inf', '-inf', 'infinity', '0.1', '0.0001', '0.00001234', '5e-324', '1.7976931348623157e308', 'abc', '', ' 1 ', '1 2', '1e15x',
               '2.2250738585072014e-308', '9007199254740993', '1e23', '8.41e21', '9.5e-5', '123456789012345', '1234567890123456', '0.3', '2.5e-5', '4.35', '1e22', '5e22', '9.5367431640625e-07', '18014398509481984', '36028797018963968'],
    'numeric': ['0', '0.00', '-0.0', '1.50', '1e10', '1e-10', '1.5e3', '-12345678901234567890.123456789', 'NaN', 'inf', '-Infinity', 'x', '', ' 7 ', '1e131071', '1e131072', '1e-16383', '1e-16384', '.5', '5.', '1e', '1e+5',
                '00012.3400', '99999999999999999999999999999999999999999', '0.0001', '12340000', '10000', '1.2.3', '1e1000000000', '123456789.987654321', '+inf', '0x1', '100000000000000000000', '0.00001', '99990000.0001'],
    'numeric(5,2)': ['123.456', '999.994', '999.995', '-0.005', 'NaN', 'inf', '1e2', '1000'], 'numeric(3,-2)': ['12345', '99949', '99950', '49', '50'], 'numeric(2,4)': ['0.00994', '0.009951', '0.01'],
    'numeric(38,10)': ['1234567890123456789012345678.0123456789', '9e27'],
    'text': ['', 'abc', 'äöü€😀', 'a\\b'], 'varchar(3)': ['abc', 'abcd', 'abc   ', 'äöü', 'äöüx', ''], 'bpchar(5)': ['abc', 'abcdef', 'abcde  ', '', 'äö'], 'bpchar': ['ab  ', ''],
    'name': ['abc', 'x' * 70, 'ä' * 40], '"char"': ['a', '', 'ab', 'ä', '\\101', '\\377'],
    'bytea': ['\\x', '\\xDEADbeef', '\\x0', '\\xzz', '\\x de ad', 'abc', 'a\\000b', 'a\\\\b', 'a\\b', 'ä', '\\400', '\\x d'],
    'uuid': ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{a0eebc999c0b4ef8bb6d6bb9bd380a11}', 'A0EE-BC99-9C0B-4EF8-BB6D-6BB9-BD38-0A11', 'a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11', 'x', '', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0-eebc999c0b4ef8bb6d6bb9bd380a11'],
    'bit(4)': ['1010', '101', '10101', 'xA', 'B1010', '102', 'xg'], 'varbit(4)': ['1010', '', '10101', 'x1', '1x'], 'varbit': ['1', '101010101', 'XfF', ''],
    'tsvector': ['', 'fat:2,4 cat:3 rat:5A', "a 'it''s' c\\ d", 'b:1 a:2B b:1A,7', ' x ', ':', 'a:', 'a:0', 'a:1x', "'a", 'a\\', 'a:16384', 'é:3 e', "''", 'a:1,1B', 'a:1AB'],
    'tsquery': ['', 'a', 'fat & rat | !cat', 'a <-> (b <2> c)', 'a:*AB & (b|c)', '!!a', 'a &', 'a b', '(a', 'a)', 'a <20000> b', 'a <1> b', "'it''s'", ':a', 'a <-> !b', '(a <-> b) <-> c', '!(a & b)'],
    'regconfig': ['simple', 'pg_catalog.english', '3748', '-', 'klingon', 'english'],
    'int2vector': ['', '1 2 -3', ' 5 '], 'oidvector': ['', '1 4294967295'], 'tid': ['(0,1)', '(4294967295,65535)', '1,2', '(1,2', '(x,1)'],
}
lines, sql = [], ["set extra_float_digits = 1;",
    "create function pg_temp.ask(q text) returns text language plpgsql as $f$ declare r text; begin execute q into r; return replace(replace(r, '\\', '\\\\'), e'\\n', '\\n');",
    " exception when others then return replace('ERROR:' || sqlstate || ':' || sqlerrm, '\\', '\\\\'); end $f$;"]
for declared, inputs in INPUTS.items():
    base, _, modifier = declared.partition('(')
    plain = base.strip('"')
    out, send = {'"char"': 'charout'}.get(base, plain + ('_out' if plain in ('uuid', 'bit', 'varbit', 'numeric') else 'out')), plain + ('_send' if plain in ('uuid', 'bit', 'varbit', 'numeric') else 'send')
    for value in inputs:
        lines.append((plain, modifier.rstrip(')'), value))
        def ask(expression): return 'pg_temp.ask(' + quote('select ' + expression) + ')'
        typed = quote(value) + '::' + declared
        # What input functions do with a modifier; a cast would cut silently.
        if modifier and plain in ('varchar', 'bpchar', 'bit', 'varbit'):
            function = {'varchar': 'varcharin', 'bpchar': 'bpcharin', 'bit': 'bit_in', 'varbit': 'varbit_in'}[plain]
            typed = f"{function}({quote(value)}, 0, {int(modifier.rstrip(')')) + (0 if 'bit' in plain else 4)})"
        sql.append('select ' + ask(f'textin({out}({typed}))') + ', ' + ask(f"encode({send}({typed}), 'hex')") + ';')
run = subprocess.run(['psql', '-qAtX', '-P', 'null=\\N', '-F', '\t'], input='\n'.join(sql), capture_output=True, text=True, encoding='utf-8')
answers = run.stdout.split('\n')[:-1]
assert len(answers) == len(lines), (len(answers), len(lines), run.stderr)
for (plain, modifier, value), answer in zip(lines, answers):
    if len(value) < 2000 and len(answer) < 400: print('\t'.join([plain, modifier, escape(value), answer]))
