#!/usr/bin/env bash
# Changes a cell's state or share in the routers that run now, for a while.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/override-cell.sh ID SECONDS REASON [draining|read_only|disabled|active] [SHARE]
       scripts/override-cell.sh ID clear REASON

Tells every router that runs: this cell has this state, or admits this share (0 to 100 %) of its clients,
until SECONDS (1 to 86400) have passed; then what the file says holds again. `clear` ends that at once.
Each router asks for the admin key, which is read from ADMIN_KEY or typed in, and writes a line of its audit log.

A router that starts later knows nothing of it. What is to last goes into Git: scripts/drain-cell.sh.
USAGE
}

case ${1:-} in --help | -h | "") usage; exit ;; esac
id=$1 seconds=${2:-} reason=${3:-} state=${4:-} share=${5:-}
[ -n "$reason" ] || fail "why? REASON=… goes into the audit log."
case $seconds in
  clear) ;;
  "" | 0* | *[!0-9]* | ??????*) fail "for how long? FOR=… is a whole number of seconds, 1 to 86400, or \"clear\"." ;;
  *) [ "$seconds" -le 86400 ] || fail "FOR=… is at most 86400 seconds, a day; what is to last goes into Git: task drain-cell." ;;
esac
case $state in "" | active | draining | read_only | disabled) ;; *) fail "a cell is active, read_only, draining or disabled, not \"$state\"." ;; esac
case $share in "" | [0-9] | [1-9][0-9] | 100) ;; *) fail "a share is a whole number from 0 to 100, in percent, not \"$share\"." ;; esac
if [ "$seconds" = clear ]; then
  [ -z "$state$share" ] || fail "clear takes no state and no share."
else
  [ -n "$state$share" ] || fail "change what? STATE=draining, SHARE=50 or both."
fi
need yq curl
need_cluster

umask 077
scratch=$(mktemp -d)
forward=""
# The forward of this script and nobody else's.
trap 'if [ -n "$forward" ]; then kill "$forward" 2>/dev/null || true; fi; rm -rf "$scratch"' EXIT

key=${ADMIN_KEY:-}
if [ -z "$key" ] && [ -t 0 ]; then
  printf 'Admin key: ' >&2
  read -rs key
  printf '\n' >&2
fi
[ -n "$key" ] || fail "no admin key: ADMIN_KEY=… in the environment (task secrets ROLE=admin makes one)."
# In files, since arguments can be seen by everybody on this machine.
printf 'X-API-Key: %s\n' "$key" >"$scratch/headers"
ID=$id SECONDS_LEFT=$seconds REASON=$reason STATE=$state SHARE=$share yq -n -o json -I 0 '
  {"cellID": strenv(ID), "reason": strenv(REASON)}
  | with(select(strenv(SECONDS_LEFT) == "clear"); .clear = true)
  | with(select(strenv(SECONDS_LEFT) != "clear"); .expires_in = env(SECONDS_LEFT))
  | with(select(strenv(STATE) != ""); .state = strenv(STATE))
  | with(select(strenv(SHARE) != ""); .share = env(SHARE))' >"$scratch/body"

# open_way POD: sets $port to a free one of this machine that leads to the pod's management port.
open_way() {
  local tries=0
  : >"$scratch/forward"
  kubectl -n cell-router port-forward --address 127.0.0.1 "$1" :9000 >"$scratch/forward" 2>&1 &
  forward=$!
  port=""
  while [ -z "$port" ] && [ $tries -lt 50 ]; do
    port=$(sed -n 's/^Forwarding from 127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$scratch/forward" | sed -n 1p)
    [ -n "$port" ] || { tries=$((tries + 1)); sleep 0.2; }
  done
  [ -n "$port" ]
}

# change POD: the router's answer, and whether it took the change.
change() {
  local status=000
  if open_way "$1"; then
    status=$(curl -s --max-time 10 -o "$scratch/answer" -w '%{http_code}' -H "@$scratch/headers" -H 'Content-Type: application/json' \
      --data-binary "@$scratch/body" "http://127.0.0.1:$port/cells") || true
  fi
  kill "$forward" 2>/dev/null || true
  wait "$forward" 2>/dev/null || true
  forward=""
  case $status in
    200) say "$1: done" ;;
    000) say "$1: no answer" ;;
    *) say "$1: refused with $status: $(yq -p json '.detail // .reason // .' "$scratch/answer" 2>/dev/null)" ;;
  esac
  [ "$status" = 200 ]
}

pods=$(kubectl -n cell-router get pods -l app.kubernetes.io/component=router --field-selector status.phase=Running -o name)
[ -n "$pods" ] || fail "no router runs."
refused=0
for pod in $pods; do
  change "$pod" || refused=$((refused + 1))
done
[ "$refused" -eq 0 ] || fail "$refused of the routers did not take it: they now differ. The same again is harmless; \"clear\" takes it back."
