#!/usr/bin/env bash
# The one entry to the project: ./build.sh help says what it can do.
# Works with the bash 3.2 of macOS; needs no java on the PATH.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
readonly ROOT
# shellcheck source=versions.env
. "$ROOT/versions.env"
# shellcheck source=.ci/toolchain.sh
. "$ROOT/.ci/toolchain.sh"
# shellcheck source=.ci/stages.sh
. "$ROOT/.ci/stages.sh"
# shellcheck source=.ci/tests.sh
. "$ROOT/.ci/tests.sh"

JAR=$ROOT/target/cell-router.jar

usage() {
  cat <<'USAGE'
Usage: ./build.sh COMMAND [ARGUMENTS]

  run       the router on port 8080 (PORT) with three demo cells; Ctrl-C stops it
  test      everything that needs no cluster: format, compiler checks, unit, system and browser tests,
            scripts, the image, manifests, dashboards and alert rules
  e2e       the suite on the cluster of KUBECONFIG (ARGUMENTS: see e2e/run --help)
  unit      the fast tests only, the inner loop
  faults    the fault matrix only; faults --write also writes docs/failure-modes.md from what it measured;
            faults NAME… only these, such as RefusedTest
  soak      all faults at random, and a verdict: soak [--minutes N] [--seed S], 15 minutes by default
  runtime   the delivered runtime with its AOT cache, in target/runtime
  train     record anew what the AOT cache is made from, jlink/aot/classes.txt
  image     the container image; its name is the last line (ARGUMENTS: see image --help)
  bench     side by side with other routers, in bench/results (ARGUMENTS: see bench --help)
  traffic   mixed load for a running router: traffic URL [--minutes N]
  cell      one demo cell, whose faults can be chosen: cell [--id 1] [--port 8081] (cell --help)
  check-config  a router's verdict on the environment, or on a file of cells: check-config [FILE]
  dashboards  the Grafana boards, and a picture of each from a real run (ARGUMENTS: see --help)
  check     format, compiler checks and shellcheck, without tests
  format    format the Java sources
  clean     remove target/
  help      this text

Finds a JDK 25 and a Maven by itself, or fetches them into .tools/ (versions.env).
USAGE
}

# Set up once per command that needs them.
use_tools() {
  use_jdk
  use_maven
}

# Is the jar older than anything it is made of? Folders count too: a deleted file shows in its folder.
jar_is_stale() {
  [ ! -f "$JAR" ] || [ -n "$(find "$ROOT/src/main" "$ROOT/pom.xml" -newer "$JAR" | head -n 1)" ]
}

package_quickly() {
  if jar_is_stale; then stage "package" maven package -Dmaven.test.skip=true; fi
}

runtime_is_stale() {
  local made=$ROOT/target/runtime/lib/router.aot
  jar_is_stale || [ ! -f "$made" ] ||
    [ -n "$(find "$JAR" "$ROOT/jlink" -newer "$made" | head -n 1)" ]
}

make_runtime() {
  package_quickly
  if runtime_is_stale; then stage "runtime" "$ROOT/jlink/build-runtime.sh"; fi
}

command_run() {
  use_tools
  package_quickly
  exec "$JAVA_HOME/bin/java" "@$ROOT/jlink/edge.options" -jar "$JAR" demo "$@"
}

command_traffic() {
  use_tools
  package_quickly
  exec "$JAVA_HOME/bin/java" -jar "$JAR" traffic "$@"
}

command_cell() {
  use_tools
  package_quickly
  exec "$JAVA_HOME/bin/java" -jar "$JAR" cell "$@"
}

# With the router's flags, since these are part of what can be wrong.
command_check-config() {
  use_tools
  package_quickly
  exec "$JAVA_HOME/bin/java" "@$ROOT/jlink/edge.options" -jar "$JAR" check-config "$@"
}

command_runtime() {
  use_tools
  package_quickly
  stage "runtime" "$ROOT/jlink/build-runtime.sh"
  tail -n 2 "$LOGS/runtime.log"
}

command_train() {
  use_tools
  package_quickly
  stage "train" "$ROOT/jlink/train.sh"
  tail -n 1 "$LOGS/train.log"
}

command_image() {
  exec "$ROOT/scripts/build-image.sh" "$@"
}

command_e2e() {
  exec "$ROOT/e2e/run" "$@"
}

command_bench() {
  command -v python3 >/dev/null || fail "the benchmark needs python3."
  use_tools
  make_runtime
  exec python3 "$ROOT/bench/run.py" "$@"
}

# The boards are written from their source, then drawn from what Prometheus saw of a real run.
command_dashboards() {
  command -v python3 >/dev/null || fail "the dashboards need python3."
  stage "python tools" install_python_tools
  "$ROOT/.venv/bin/python" -B "$ROOT/grafana-dashboards/src/write.py"
  if [ "${1:-}" = --write ]; then return; fi
  use_tools
  package_quickly
  exec "$ROOT/.venv/bin/python" -B "$ROOT/src/test/python/dashboards/draw.py" "$@"
}

command_unit() {
  use_tools
  run_java_tests unit test -DexcludedGroups=system,browser,fault,fault-page
  end_tests
}

# Two faults at once would be a third one, and so would a busy machine: they run alone, one by one.
run_faults() {
  if [ "$(uname -s)" != Linux ]; then
    printf '%-22s %s\n' "faults" "need Linux, left out" >&2
    return
  fi
  stage "toxiproxy" "$ROOT/scripts/install-dependencies.sh" --from "go download" toxiproxy
  rm -rf "$ROOT/target/fault-rows"
  run_java_tests faults surefire:test -Dgroups=fault "$@"
}

# Whether every fault was tried, and its page.
check_failure_modes() {
  if [ "$(uname -s)" = Linux ]; then
    run_java_tests "fault page" surefire:test -Dgroups=fault-page
    name_faults_not_tried
  fi
}

# A fault that this machine does not allow to try must not pass for one that was.
name_faults_not_tried() {
  local row
  for row in "$ROOT"/target/fault-rows/*.json; do
    if grep -q '"seen":"not tried: ' "$row" 2>/dev/null; then
      printf 'NOT TRIED: fault %s, %s\n' "$(basename "$row" .json)" \
        "$(sed 's/.*"seen":"not tried: \([^"]*\)".*/\1/' "$row")" >&2
    fi
  done
}

command_faults() {
  local names=""
  if [ "${1:-}" = --write ]; then
    export FAULT_WRITE=true
    shift
  fi
  use_tools
  stage "compile" maven test-compile
  if [ $# -gt 0 ]; then
    names=$(printf ',%s' "$@")
    run_faults "-Dtest=${names#,}"
  else
    run_faults
    check_failure_modes
  fi
  end_tests
}

# What it prints, it prints while it runs, so it is no stage.
command_soak() {
  while [ $# -gt 0 ]; do
    case $1 in
      --minutes) export SOAK_MINUTES=${2:?} ;;
      --seed) export SOAK_SEED=${2:?} ;;
      *) fail "soak takes --minutes N and --seed S." ;;
    esac
    shift 2
  done
  use_tools
  stage "compile" maven test-compile
  maven surefire:test -Dtest=Soak -Dtest.heap=2g -Dtest.output.to.file=false
}

command_test() {
  use_tools
  stage "format" maven spotless:check
  check_scripts
  stage "compile and package" maven package -DskipTests
  run_java_tests unit surefire:test -DexcludedGroups=system,browser,fault,fault-page
  stage "runtime" "$ROOT/jlink/build-runtime.sh"
  run_java_tests system surefire:test -Dgroups=system,browser
  run_faults
  check_failure_modes
  run_script_tests
  run_python_tests
  end_tests
}

command_check() {
  use_tools
  stage "format" maven spotless:check
  stage "compile" maven test-compile
  check_scripts
}

command_format() {
  use_tools
  stage "format" maven spotless:apply
}

main() {
  local command=${1:-help}
  if [ $# -gt 0 ]; then shift; fi
  case $command in
    run | traffic | cell | check-config | runtime | train | image | bench | dashboards | unit | faults | soak | test | e2e | check | format) "command_$command" "$@" ;;
    clean) rm -rf "$ROOT/target" ;;
    help | --help | -h) usage ;;
    *)
      usage >&2
      fail "there is no command \"$command\"."
      ;;
  esac
}

main "$@"
