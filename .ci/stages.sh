# shellcheck shell=bash
# Runs the stages of a build quietly: one line each, the log only when something failed. Sourced by
# build.sh, which sets ROOT.

LOGS=$ROOT/target/build-logs

# stage NAME COMMAND...: one line with the time it took; on failure what the log says, and the end.
stage() {
  local name=$1
  if ! try_stage "$@"; then
    explain "$(log_of "$name")"
    fail "$name failed, the whole log is $(log_of "$name")"
  fi
}

# The same without explaining or ending, for stages that say more about a failure themselves.
try_stage() {
  local name=$1 began=$SECONDS log outcome=ok
  shift
  log=$(log_of "$name")
  mkdir -p "$LOGS"
  if ! "$@" >"$log" 2>&1 </dev/null; then outcome=FAILED; fi
  printf '%-22s %-6s %4d s\n' "$name" "$outcome" $((SECONDS - began)) >&2
  [ "$outcome" = ok ]
}

log_of() {
  printf '%s/%s.log\n' "$LOGS" "$(printf '%s' "$1" | tr ' ' '-')"
}

maven() {
  (cd "$ROOT" && exec "$MVN" -q "$@")
}

# What a reader needs of a log: of Maven's its errors, without its advice on how to use Maven.
explain() {
  local errors
  errors=$(grep '^\[ERROR\]' "$1" | grep -Ev '^\[ERROR\] *$|^\[ERROR\] *	at |re-run Maven|Re-run Maven|\[Help|For more information|After correcting' |
    awk '!seen[$0]++' | head -n 40) || true
  if [ -n "$errors" ]; then printf '%s\n' "$errors" >&2; else tail -n 30 "$1" >&2; fi
}

# Whatever is a shell script here by its first line, so that a new one cannot be forgotten.
shell_scripts() {
  (cd "$ROOT" && find . \( -name target -o -name .git -o -name .tools -o -name .venv -o -name node_modules \) -prune \
    -o -type f -size -200k -print) | while IFS= read -r file; do
    if head -n 2 "$ROOT/$file" | LC_ALL=C grep -Eq '^#!.*[/ ](ba)?sh( |$)|^# shellcheck shell='; then
      printf '%s\n' "$file"
    fi
  done
}

check_scripts() {
  if command -v shellcheck >/dev/null; then
    stage "shellcheck" run_shellcheck
  else
    printf '%-22s %s\n' "shellcheck" "not installed, left out" >&2
  fi
}

run_shellcheck() {
  (cd "$ROOT" && shell_scripts | tr '\n' '\0' | xargs -0 shellcheck -x)
}
