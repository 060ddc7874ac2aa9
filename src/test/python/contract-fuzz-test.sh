#!/usr/bin/env bash
# Holds the API of a running router, both its listeners, against its own description; see --help.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: src/test/python/contract-fuzz-test.sh [JAR | START_COMMAND...]

Starts a router with demo cells on free ports, checks that its /openapi.json is valid, sends
generated requests (Schemathesis, fixed seed) and checks every answer against the description.
Prints "N passed, N failed" as its last line; the exit code is 0 when nothing failed.

  JAR             started as `java @jlink/edge.options -jar JAR demo`;
                  default: target/cell-router.jar
  START_COMMAND   for example: target/runtime/bin/router demo

Uses JAVA_HOME when it is set. Writes to target/venv (its Python packages) and
target/contract-fuzz (logs, report) only.
TEXT
}

if [[ ${1:-} == --help || ${1:-} == -h ]]; then
  usage
  exit 0
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
here="$root/src/test/python"
venv="$root/target/venv"
stamp="$venv/requirements.txt"

if (($# == 0)); then
  set -- "$root/target/cell-router.jar"
fi
if (($# == 1)) && [[ $1 == *.jar ]]; then
  [[ -f $1 ]] || { echo "$1 is not there; build it first" >&2; exit 2; }
  set -- "${JAVA_HOME:+$JAVA_HOME/bin/}java" "@$root/jlink/edge.options" -jar "$1" demo
fi

if ! cmp -s "$here/requirements.txt" "$stamp"; then
  rm -rf "$venv"
  python3 -m venv "$venv" || {
    echo "Python 3.10 or later with venv is needed (on Debian: apt-get install python3-venv)" >&2
    exit 2
  }
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$stamp"
fi

exec "$venv/bin/python" "$here/contract_fuzz.py" "$root/target/contract-fuzz" "$@"
