#!/usr/bin/env bash
# Records anew what the AOT cache is made from; see --help.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$root/target/runtime-build
runs=3

usage() {
  cat <<'USAGE'
Usage: JAVA_HOME=<jdk 25> jlink/train.sh

Writes jlink/aot/classes.txt: what three training runs of the real router loaded and linked. To be run, and
the file committed, after a change of the JDK's or a library's version, or of what the router does with
either. The router's own classes need none: the build takes them from the jar.
`./build.sh train` packages first and calls this.
USAGE
}

main() {
  case ${1:-} in --help | -h) usage; return ;; esac
  local run records=()
  "$here/build-runtime.sh" --without-cache
  for ((run = 1; run <= runs; run++)); do
    "$JAVA_HOME/bin/java" "$here/aot/TrainingRun.java" "$work/runtime" "$work" "$work/record-$run.txt"
    records+=("$work/record-$run.txt")
  done
  "$JAVA_HOME/bin/java" "$here/aot/ClassList.java" merge "$here/aot/classes.txt" "${records[@]}"
  printf '%d lines in jlink/aot/classes.txt\n' "$(wc -l <"$here/aot/classes.txt")"
}

main "$@"
