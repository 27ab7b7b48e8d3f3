#!/usr/bin/env bash
# Runs pgvector's own regression files against a server and shows where its answers differ. The files stay in a scratch folder: they are not part of this project.
# Usage: sqltests/pgvector_regress.sh CLONE-OF-PGVECTOR TAG PORT      (docs/known-gaps.md lists the differences that are meant)
set -euo pipefail
[ $# -eq 3 ] || { sed -n '2,3s/^# //p' "$0"; exit 2; }
clone=$1 tag=$2
export PGHOST=127.0.0.1 PGPORT=$3 PGUSER=postgres PGOPTIONS='-c client_min_messages=notice'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/results"
different=0
for path in $(git -C "$clone" ls-tree --name-only "$tag:test/sql"); do
  name=${path%.sql}
  git -C "$clone" show "$tag:test/sql/$path" > "$work/$name.sql"
  git -C "$clone" show "$tag:test/expected/$name.out" > "$work/$name.expected"
  psql -X -q -d postgres -c "DROP DATABASE IF EXISTS pgvector_regress" -c "CREATE DATABASE pgvector_regress" 2> /dev/null
  psql -X -q -d pgvector_regress -c "CREATE EXTENSION vector"
  (cd "$work" && psql -X -a -q -d pgvector_regress < "$name.sql" > "$name.out" 2>&1)
  if diff "$work/$name.expected" "$work/$name.out" > "$work/$name.diff"; then echo "same       $name"
  else
    echo "different  $name"
    sed 's/^/           /' "$work/$name.diff"
    different=1
  fi
done
exit $different
