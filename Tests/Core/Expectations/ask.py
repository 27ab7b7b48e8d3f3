#!/usr/bin/env python3
"""Fills the first column of the .tsv files here with what PostgreSQL 15 answers.

A line: expected, function or operator ('parse' reads text, 'agg:f' aggregates), result type, then arguments as type:text (or the bare type for NULL).
Expected is the result as text, \\N for NULL, or !SQLSTATE: message | detail @ context (of json). Newlines are written \\n, tabs \\t, backslashes \\\\.
Usage: ask.py FILE.tsv ... (psql's environment variables name the server; a scratch database is best: it creates a function there)
"""
import subprocess
import sys

SETUP = """
CREATE OR REPLACE FUNCTION ask(statement text) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE answer text; detail text; place text;
BEGIN
  EXECUTE statement INTO answer;
  RETURN coalesce(replace(replace(replace(answer, '\\', '\\\\'), E'\\n', '\\n'), E'\\t', '\\t'), '\\N');
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, place = PG_EXCEPTION_CONTEXT;
  place := substring(place from '^JSON data[^\n]*');
  RETURN replace(replace(replace('!' || SQLSTATE || ': ' || SQLERRM || CASE WHEN detail <> '' THEN ' | ' || detail ELSE '' END || coalesce(' @ ' || place, ''), '\\', '\\\\'), E'\\n', '\\n'), E'\\t', '\\t');
END $f$;
"""


def unescape(text):
    return text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t").replace("\0", "\\")


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def value(argument):
    kind, colon, text = argument.partition(":")
    return ("NULL" if not colon else literal(unescape(text))) + "::" + ("text" if kind == "unknown" else kind)


def statement(name, arguments):
    values = [value(a) for a in arguments]
    if name == "parse":
        return "SELECT " + values[0]
    if name.startswith("agg:"):
        return f"SELECT {name[4:]}(v) FROM (VALUES " + ", ".join(f"({v})" for v in values) + ") t(v)"
    if name[0].isalpha() or name[0] == "_":
        # As a keyword, numeric is no function's name.
        return f"SELECT {'pg_catalog.' if name == 'numeric' else ''}{name}({', '.join(values)})"
    return f"SELECT {values[0]} {name} {values[1]}" if len(values) == 2 else f"SELECT {name} {values[0]}"


for path in sys.argv[1:]:
    lines = [line.rstrip("\n") for line in open(path)]
    script = ["SET client_min_messages = error;", SETUP]
    asked = []
    for number, line in enumerate(lines):
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        asked.append(number)
        script.append(f"SELECT ask({literal(statement(fields[1], fields[3:]) if len(fields) > 1 else '')});")
    run = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1"], input="\n".join(script), capture_output=True, text=True, check=False)
    answers = run.stdout.rstrip("\n").split("\n")
    if run.returncode or len(answers) != len(asked):
        sys.exit(f"{path}: {run.stderr}")
    for number, answer in zip(asked, answers):
        fields = lines[number].split("\t")
        lines[number] = "\t".join([answer, *fields[1:]])
    open(path, "w").write("\n".join(lines) + "\n")
