# shellcheck shell=bash
# Runs the tests, adds up their results, and ends with the line that CI tools read. Sourced by
# build.sh after stages.sh.

TESTS=0
FAILED=0
SKIPPED=0
BROKEN=""
BEGAN=$SECONDS

# run_java_tests NAME MAVEN_ARGUMENTS...: a failed test does not end the script, so that one run
# shows all that is wrong; end_tests does.
run_java_tests() {
  local name=$1 reports=$ROOT/target/surefire-reports ran=ok
  shift
  rm -rf "$reports"
  try_stage "$name tests" maven "$@" || ran=failed
  add_reports "$name" "$ran" "$reports"
}

# add_reports NAME ok|failed FOLDER: counts the reports and keeps them under target/test-reports.
add_reports() {
  local name=$1 ran=$2 kept=$ROOT/target/test-reports/$1 summary tests failed skipped
  rm -rf "$kept"
  mkdir -p "$(dirname "$kept")"
  if [ -d "$3" ]; then cp -R "$3" "$kept"; else mkdir "$kept"; fi
  summary=$(find "$kept" -name '*.xml' -print0 | xargs -0 awk -f "$ROOT/.ci/junit-summary.awk" /dev/null)
  read -r _ tests failed skipped <<TOTALS
$(printf '%s\n' "$summary" | tail -n 1)
TOTALS
  printf '%s\n' "$summary" | sed '$d' >&2
  add_results "$name" "$tests" "$failed" "$skipped"
  # A crash, a compile error or a time-out leaves no failed test behind.
  if [ "$ran" = failed ] && [ "$failed" = 0 ]; then
    if [ "$tests" -gt 0 ]; then BROKEN="$BROKEN $name"; fi
    explain "$(log_of "$name tests")"
  fi
}

# add_results NAME TESTS FAILED SKIPPED: a suite without a single test is broken, not green.
add_results() {
  TESTS=$((TESTS + $2))
  FAILED=$((FAILED + $3))
  SKIPPED=$((SKIPPED + $4))
  if [ "$2" -eq 0 ]; then
    BROKEN="$BROKEN $1"
    printf 'no %s test ran\n' "$1" >&2
  fi
}

# Scripts named *-test.sh end with "N passed, N failed".
run_script_tests() {
  local script name ran passed failed
  while IFS= read -r script; do
    name=$(basename "$script" .sh)
    ran=ok
    try_stage "$name" "$ROOT/$script" || ran=failed
    grep '^FAILED' "$(log_of "$name")" >&2 || true
    read -r passed failed <<RESULT
$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$(log_of "$name")" | tail -n 1)
RESULT
    if [ -z "$passed" ]; then
      tail -n 20 "$(log_of "$name")" >&2
      add_results "$name" 0 0 0
    else
      add_results "$name" $((passed + failed)) "$failed" 0
      if [ "$ran" = failed ] && [ "$failed" -eq 0 ]; then BROKEN="$BROKEN $name"; fi
    fi
  done <<SCRIPTS
$(cd "$ROOT" && find .ci jlink bench e2e src/test -name '*-test.sh' 2>/dev/null | sort)
SCRIPTS
}

# Each folder of Python tests by itself, so that a long run shows where it is.
run_python_tests() {
  local folder name ran reports=$ROOT/target/pytest-reports
  stage "python tools" install_python_tools
  stage "command line tools" "$ROOT/scripts/install-dependencies.sh" --for-tests
  stage "schemas" in_deployment_tests -m offline.schemas
  stage "admission plugin" in_deployment_tests -m offline.admission
  stage "checkov" install_checkov
  while IFS= read -r folder; do
    ran=ok
    name=$(basename "$folder")
    rm -rf "$reports"
    try_stage "$name tests" run_pytest "$reports" "$folder" || ran=failed
    add_reports "$name" "$ran" "$reports"
  done <<FOLDERS
$(cd "$ROOT" && find bench src/test/python -name peers -prune -o -name 'test_*.py' -exec dirname {} \; | sort -u)
FOLDERS
}

in_deployment_tests() {
  (cd "$ROOT/src/test/python/deployment" && exec "$ROOT/.venv/bin/python" "$@")
}

# Apart from the other Python tools: it pins a hundred packages of its own.
install_checkov() {
  local pinned folder
  pinned=$(cat "$ROOT/src/test/python/deployment/requirements-checkov.txt")
  folder=$ROOT/.tools/${pinned/==/-}
  if [ -x "$folder/bin/checkov" ]; then return; fi
  rm -rf "$folder"
  python3 -m venv "$folder" && "$folder/bin/python" -m pip install -q --disable-pip-version-check "$pinned"
}

run_pytest() {
  local reports=$1
  shift
  (cd "$ROOT" && PATH="$ROOT/.tools/bin:$PATH" exec .venv/bin/python -m pytest -q -p no:cacheprovider --durations=10 \
    --junitxml="$reports/report.xml" "$@")
}

# Made anew when what it should hold has changed.
install_python_tools() {
  local wanted requirements
  requirements=$(cd "$ROOT" && find bench src/test/python -name peers -prune -o -name 'requirements-test.txt' -print 2>/dev/null | sort)
  # shellcheck disable=SC2086
  wanted=$(cd "$ROOT" && cat .ci/requirements-test.txt $requirements)
  if [ -x "$ROOT/.venv/bin/python" ] && [ "$wanted" = "$(cat "$ROOT/.venv/wanted.txt" 2>/dev/null)" ]; then return; fi
  rm -rf "$ROOT/.venv"
  python3 -m venv "$ROOT/.venv" || return 1
  printf '%s\n' "$wanted" >"$ROOT/.venv/requirements.txt"
  "$ROOT/.venv/bin/python" -m pip install -q --disable-pip-version-check -r "$ROOT/.venv/requirements.txt" || return 1
  printf '%s\n' "$wanted" >"$ROOT/.venv/wanted.txt"
}

end_tests() {
  local took=$((SECONDS - BEGAN)) skipped=""
  if [ "$SKIPPED" -gt 0 ]; then skipped=", $SKIPPED skipped"; fi
  if [ -n "$BROKEN" ]; then printf 'broken or empty:%s\n' "$BROKEN" >&2; fi
  printf '%d tests ran in %d s\n' "$TESTS" "$took"
  printf '%d passed, %d failed%s\n' $((TESTS - FAILED - SKIPPED)) "$FAILED" "$skipped"
  [ "$FAILED" -eq 0 ] && [ -z "$BROKEN" ] && [ "$TESTS" -gt 0 ]
}
