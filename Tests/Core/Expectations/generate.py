#!/usr/bin/env python3
"""Asks a PostgreSQL 15 server (PGHOST, PGUSER, PGDATABASE) for the results of built-in functions and writes them down as expectations.

usage: generate.py CASES_PER_FUNCTION [IMPLEMENTED_OIDS_FILE] > scalar.tsv
Each line: name(types) TAB argument … TAB result. Arguments and results are in the types' text form; \\N is NULL; results that are errors read ERROR:sqlstate:message.
"""
import itertools, os, random, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILTIN = os.path.join(HERE, '../../../Core/Catalog/Builtin')
POOLS = {
    'bool': ['t', 'f'],
    'int2': ['0', '1', '-1', '2', '7', '32767', '-32768'],
    'int4': ['0', '1', '-1', '2', '3', '5', '-3', '10', '2147483647', '-2147483648', '65536', '100'],
    'int8': ['0', '1', '-1', '5', '-7', '9223372036854775807', '-9223372036854775808', '123456789012', '20'],
    'oid': ['0', '1', '4294967295', '1259'],
    'xid8': ['0', '18446744073709551615', '7'],
    'xid': ['0', '4294967295', '7'], 'cid': ['0', '9'],
    'tid': ['(0,1)', '(4294967295,65535)', '(0,2)', '(1,0)'],
    'float4': ['0', '-0', '1', '-1.5', '0.1', '3.4e38', '1e-45', 'NaN', 'Infinity', '-Infinity', '16777217', '2.5', '1e6', '123456.7'],
    'float8': ['0', '-0', '1', '-1.5', '0.1', '2.5', '0.5', '-0.5', '1e308', '5e-324', 'NaN', 'Infinity', '-Infinity', '30', '45', '60', '-90', '123.456', '1e15', '9007199254740993', '1e-5', '700', '3'],
    'numeric': ['0', '0.00', '1', '-1', '2.50', '0.1', '-12345.678', '99999999999999999.99', '1e-20', '123456789012345678901234567890.12345', 'NaN', 'Infinity', '-Infinity',
                '0.5', '-0.5', '3', '10', '1e30', '12345678901234567890', '170141183460469231731687303715884105727', '0.000123', '1.00000001', '-7.25', '1e200', '9999.99995'],
    'text': ['', 'abc', 'Hello World', 'äöü€😀', '  pad  ', 'a', 'aXbXc', "it's", 'back\\slash', 'ABC', 'b', 'x,y,,z', '%b%', '123', 'straße ÉCOLE'],
    'name': ['', 'abc', 'Pg_Class', 'äöü', 'a'], 'char': ['', 'a', 'Z', '0'],
    'bpchar': ['', 'abc', 'abc   ', 'ab', 'ABC ', 'äö  '],
    'varchar': ['', 'abc', 'äöü€', 'abc  '],
    'bytea': ['\\x', '\\x00', '\\x616263', '\\xff00fe', '\\x5c0a7f80', '\\x6162636162', '\\x62'],
    'uuid': ['00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    'bit': ['', '0', '1', '1010', '11110000', '111100001', '0011'],
    'varbit': ['', '0', '1', '1010', '11110000', '111100001'],
    '_text': [],
    'oidvector': ['', '1', '1 2', '3 1259'], 'int2vector': ['', '1 -2'],
}
SPECIAL = {  # function: pools by argument place
    'encode': {1: ['hex', 'base64', 'escape', 'HEX', 'x']},
    'decode': {0: ['', '616263', 'YWJj', 'YWI=', 'YQ==', 'a\\000b\\\\', 'zz', '1', 'YW Jj', 'Y', '=', '\\1'], 1: ['hex', 'base64', 'escape', 'foo']},
    'convert_from': {1: ['UTF8', 'LATIN1', 'utf-8', 'nonsense']}, 'convert_to': {1: ['UTF8', 'LATIN1', 'iso-8859-1', 'SQL_ASCII']},
    'length': {1: ['UTF8', 'LATIN1']},
    'pg_size_bytes': {0: ['1', '1kB', ' 1.5 GB ', '-1 MB', '1e3', '1e3kb', '1 XB', '', 'x', '.5MB', '1e', '9999999 PB', '1 bytes', '2b', '1 B']},
    'repeat': {1: ['0', '1', '3', '-1', '2147483647']}, 'lpad': {1: ['0', '1', '5', '12', '-1', '2147483647']}, 'rpad': {1: ['0', '1', '5', '12', '-1']},
    'chr': {0: ['0', '65', '-1', '228', '128512', '55296', '1114112', '8364']},
    'exp': {0: ['0', '1', '-1', '0.5', '-20', '100', '-500', '2.50', '12.345678901234567890123', 'NaN', 'Infinity', '-Infinity', '1e-10', '6000', '710', '-750', '-1e6']},
    'power': {1: ['0', '1', '2', '-1', '0.5', '-2', '3.0', '17', '-0.25', '1.50', 'NaN', 'Infinity', '-Infinity', '40'],
              0: ['0', '1', '2', '-2', '10.0', '0.1', '1.00001', '0.5', '-0.5', '1e10', 'NaN', 'Infinity', '-Infinity', '123456.789', '7.00', '1e-7']},
    'numeric': {1: ['655366', '327682', '1310724', '-1', '65540', '67109632', '199684', '327685', '329731', '200708']},
    'round': {1: ['0', '1', '2', '-1', '-3', '20', '5']}, 'trunc': {1: ['0', '1', '2', '-1', '-3', '20']},
    'factorial': {0: ['0', '1', '5', '20', '30', '-1', '100', '32178']},
    'bpchar': {1: ['-1', '5', '7', '9']}, 'varchar': {1: ['-1', '5', '7', '9']}, 'bit': {1: ['0', '1', '3', '8', '12', '70']}, 'varbit': {1: ['0', '1', '3', '8', '12']},
    'similar_to_escape': {0: ['abc', 'a%', '_b%', 'a|b', '(a|b)+', 'a\\%b', '[a%]b', 'a#%b', 'x{2}', 'a.b^$', 'a"b', '', '[^a_]'], 1: ['#', '\\', '', '##']},
    'similar_escape': {0: ['abc', 'a%', '_b%', 'a|b', '(a|b)+', 'a\\%b', '[a%]b', 'a#%b'], 1: ['#', '\\', '']},
    'like_escape': {0: ['abc', 'a#%', '##', 'a\\b', 'x#'], 1: ['#', '\\', '', 'ab']},
    'unistr': {0: ['abc', 'd\\0061t', '\\+01F600', '\\u00e4', '\\U0001F600', '\\\\', '\\zz', '\\d83d\\de00', '\\d83d', '\\0000']},
    'normalize': {0: ['abc', 'a\u0308', '\u00e4', '\ufb01', '\u1e9b\u0323'], 1: ['NFC', 'NFD', 'NFKC', 'nfkd', 'xx']},
    'is_normalized': {0: ['abc', 'a\u0308', '\u00e4', '\ufb01'], 1: ['NFC', 'NFD', 'NFKC', 'NFKD', 'xx']},
    'to_number': {0: ['1,234.56', '-12', '12-', ' 485', '$1.50', '<7>', '0012', '1e5', 'abc', '12,454.8-', 'XIV'],
                  1: ['9,999.99', '999', '99S', 'S999', 'L9.99', '99PR', '9G999D99', '99999D9S', 'RN', '', '999MI', 'V9']},
    'split_part': {1: ['X', ',', '', 'l', 'ö'], 2: ['1', '2', '-1', '-2', '0', '5', '-9']},
    'format': {0: ['', 'a %s', '%s-%s', '%I', '%L', '%%', '%1$s %1$L', '%10s|', '%-10s|', '%2$s', '%', '%x', '%*s', '%0$s', '%-*2$s|', '%1$']},
    'quote_ident': {0: ['a', 'A', 'select', 'name', 'a b', 'a"b', '1a', '_x', '', 'ä', 'between', 'user']},
    'parse_ident': {}, 'width_bucket': {3: ['5', '10', '0', '-1']},
    'get_byte': {1: ['0', '1', '2', '-1', '9']}, 'set_byte': {1: ['0', '1', '9'], 2: ['0', '255', '256', '-1']},
    'get_bit': {1: ['0', '3', '7', '8', '-1', '99']}, 'set_bit': {1: ['0', '3', '8', '99'], 2: ['0', '1', '2']},
}
NUMBER_FORMATS = ['999', '9,999.99', '000', 'S999', '999MI', '999PR', 'FM999.99', '9.99EEEE', 'L99', 'RN', 'FMRN', '99V99', 'SG99', 'PL99', '99th', '999TH', '0999.990', 'FM0.9', 'B999',
                  '"x"99', '9G999D99', '99.9S', '', 'abc', '999999999999999999999999', 'FM999,999,999', '.99', '0.0', '999.', 'FM99.00', '9 9', 'S0.9']
REGEXES = ['', 'a', 'b', '^a', 'l+', '[[:alpha:]]+', '(X)(b)?', '(?i)ABC', '\\m[a-z]', 'ö|ü', '.*', 'x?', '\\d+', '[^a-z]', '(', 'a{2,1}', '\\s', 'l{2}', '(.)\\1', '***=a', '***:(?i)H', '\\yW', 'o(?= )', '$',
           'a*?', '[]a]', '\\Z', '[[:<:]]', '\\w+', '+']
SKIPPED = ['pg_column_size', 'pg_encoding_to_char', 'pg_char_to_encoding', 'pg_encoding_max_length']
FLAGS = ['', 'g', 'i', 'gi', 'n', 'x', 'q', 'z', 'c', 'p', 'w', 's', 'm']
LIKES = ['', '%', '_', 'a%', '%c', '_b_', '%l%o%', 'a\\%', '\\', 'äöü%', '%😀', 'ABC', '%\\', 'H_llo%', '%%', '__%']

# Left out: alternatives of which PostgreSQL takes the longest, [[:alpha:]] on names (which have collation C).
def main():
    per_function = int(sys.argv[1])
    wanted = set(open(sys.argv[2]).read().split()) if len(sys.argv) > 2 else None
    types = {r[0]: r[1] for r in rows('pg_type.tsv')}
    cases = []
    for f in rows('pg_proc.tsv'):
        oid, name, kind, volatility, returns_set, result = f[0], f[1], f[2], f[3], f[6], types[f[9]]
        arguments = [types[a] for a in f[10].split()]
        if kind != 'f' or volatility == 'v' or returns_set == 't' or result not in POOLS or not arguments or name in SKIPPED or (wanted is not None and oid not in wanted): continue
        if wanted is None and name.startswith(('pg_', 'has_', 'in_range', 'lo', 'hash', 'inet', 'binary', 'ts_')): continue
        rng = random.Random(name + ','.join(arguments))
        for chosen in combinations(name, arguments, result, per_function, rng):
            cases.append((name, arguments, result, chosen))
    answers = ask(cases)
    for (name, arguments, result, chosen), answer in zip(cases, answers):
        print('\t'.join([f"{name}({','.join(arguments)})", *map(escape, chosen), answer]))

def combinations(name, arguments, result, limit, rng):
    if any(a not in POOLS and a not in ('any', 'anyelement') for a in arguments): return []
    special = SPECIAL.get(name, {})
    if name == 'to_char': special = {1: NUMBER_FORMATS}
    if name in ('power', 'exp', 'round', 'trunc') and 'numeric' not in arguments and name not in ('power',): special = {}
    if name == 'pow': special = SPECIAL['power']
    if 'regex' in name or name.startswith('regexp') or (name == 'substring' and arguments == ['text', 'text']):
        special = {1: REGEXES}
        if name == 'regexp_replace': special[2] = ['', 'Q', '[\\1]', '\\&\\&', '\\\\', '\\9'] ; special[3] = FLAGS
        for i, a in enumerate(arguments):
            if i > 1 and a == 'int4': special[i] = ['1', '2', '3', '0', '-1']
            if a == 'text' and i > 1 and not (name == 'regexp_replace' and i == 2): special[i] = FLAGS
    if 'like' in name and name not in ('regexp_like', 'like_escape') and arguments[1] == 'text': special = {1: LIKES}
    if 'regex' in name and arguments[0] == 'name': special = {1: ['', 'a', '^a', 'l+', '(?i)ABC', '.*', '[^a-z]', '(', '$']}
    pools = [special.get(i, POOLS.get(a, ['abc'])) for i, a in enumerate(arguments)]
    everything = 1
    for p in pools: everything *= len(p)
    if everything <= limit: return list(itertools.product(*pools))
    seen = set()
    while len(seen) < limit: seen.add(tuple(rng.choice(p) for p in pools))
    return sorted(seen)

def rows(table):
    with open(os.path.join(BUILTIN, table), encoding='utf-8') as f:
        return [[c.replace('\\\\', '\\') for c in line.rstrip('\n').split('\t')] for line in f][1:]

def quote(value): return "'" + value.replace("'", "''") + "'"
def escape(value): return value.replace('\\', '\\\\').replace('\t', '\\t').replace('\n', '\\n')

def ask(cases):
    sql = ["set statement_timeout = '10s'; set client_min_messages = error;",
           "create function pg_temp.ask(q text) returns text language plpgsql as $f$ declare r text; begin execute q into r; return replace(replace(replace(r, '\\', '\\\\'), e'\t', '\\t'), e'\n', '\\n');",
           " exception when others then return replace(replace('ERROR:' || sqlstate || ':' || sqlerrm, '\\', '\\\\'), e'\n', '\\n'); end $f$;"]
    for name, arguments, result, chosen in cases:
        shown = ', '.join(f"{quote(v)}::{'text' if a in ('any', 'anyelement') else cast(a)}" for v, a in zip(chosen, arguments))
        call = f'{quote_name(name)}({shown})'
        sql.append('select pg_temp.ask(' + quote('select ' + as_text(result, call)) + ');')
    run = subprocess.run(['psql', '-qAtX', '-P', 'null=\\N'], input='\n'.join(sql), capture_output=True, text=True, encoding='utf-8')
    if run.stderr: sys.stderr.write(run.stderr[:2000])
    return parse(run.stdout, len(cases))

def parse(output, count):
    answers = output.split('\n')[:-1]
    if len(answers) != count: sys.stderr.write(f'{len(answers)} answers to {count} questions\n')
    return answers

def quote_name(name): return 'pg_catalog."' + name + '"'
def as_text(result, call):
    # The cast of char(n) to text trims.
    return {'bpchar': f'textin(bpcharout({call}))', 'char': f'textin(charout({call}))'}.get(result, f'({call})::text')
def cast(a): return {'char': '"char"', 'bit': '"bit"'}.get(a, a)

if __name__ == '__main__': main()
