#!/usr/bin/env bash
# Writes the files that are made from the code and the SQL. With --check it writes
# nothing and fails when one of them is out of date.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

check=${1:-}
program=bin/techcopilot
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
stale=0

# put NAME: takes the content of a generated file from standard input.
put() {
  local new="$scratch/new"
  cat >"$new"
  if [ "$check" != --check ]; then
    mkdir -p "$(dirname "$1")"
    cp "$new" "$1"
  elif ! diff -u "$1" "$new" >"$scratch/diff" 2>&1; then
    head -n 40 "$scratch/diff"
    echo "$1 is out of date: run make generate" >&2
    stale=1
  fi
}

commands_reference() {
  cat <<'TXT'
# Commands

Generated from the program by `make generate`; do not edit. Every setting of
[configuration.md](configuration.md) is a flag or a variable of the commands that use it.

TXT
  local command
  for command in "" serve worker import manuals review quarantine webhook ask eval migrate demo openapi version; do
    printf '## techcopilot%s\n\n```\n' "${command:+ $command}"
    # A home folder of its own: defaults must not depend on who runs this.
    env -i HOME=/home/user PATH="$PATH" COLUMNS=100 "$program" $command --help
    printf '```\n\n'
  done
}

if [ "$check" = --check ]; then
  bin/tools/sqlc diff || { echo "generated queries are out of date: run make generate" >&2; stale=1; }
  go run ./internal/config/reference -root . -check || stale=1
else
  bin/tools/sqlc generate
  go run ./internal/config/reference -root .
fi
"$program" openapi | put docs/reference/openapi.json
commands_reference | put docs/reference/commands.md

exit "$stale"
