#!/usr/bin/env python3
"""Asks a PostgreSQL 15 server for the stems of the words in stems.tsv: word, stem (empty for a stop word). Further words go into the file with any stem before this is run."""
import pathlib, subprocess

path = pathlib.Path(__file__).with_name('stems.tsv')
words = [line.split('\t')[0] for line in path.read_text(encoding='utf-8').splitlines()]
sql = ''.join("select coalesce((ts_lexize('english_stem', '" + word.replace("'", "''") + "'))[1], '');\n" for word in words)
run = subprocess.run(['psql', '-qAtX'], input=sql, capture_output=True, text=True, encoding='utf-8', check=True)
stems = run.stdout.split('\n')[:-1]
assert len(stems) == len(words), run.stderr
path.write_text(''.join(f'{word}\t{stem}\n' for word, stem in zip(words, stems)), encoding='utf-8')
