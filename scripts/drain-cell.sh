#!/usr/bin/env bash
# Takes a cell out of service, wholly or by the share of its clients, or back in, in the router's configuration.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/drain-cell.sh ID [draining|read_only|disabled|active] [SHARE]

Writes the cell's state (default: draining) into cells.yaml of the environment's router overlay. With a
SHARE (0 to 100) it writes the share of the cell's clients that are admitted, and the state only when one
is named: a drain or a return in steps, the same clients each time. `active` without a share undoes both.

The routers read the file again, without a restart, within two minutes of its delivery: the kubelet of
each node takes its time. Other cells notice nothing. For a change at once: scripts/override-cell.sh.
USAGE
}

case ${1:-} in --help | -h | "") usage; exit ;; esac
check_environment
need yq
id=$1 state=${2:-} share=${3:-} file=manifests/overlays/$OVERLAY/router/cells.yaml
if [ -z "$state$share" ]; then state=draining; fi
case $state in "" | active | draining | read_only | disabled) ;; *) fail "a cell is active, read_only, draining or disabled, not \"$state\"." ;; esac
case $share in "" | [0-9] | [1-9][0-9] | 100) ;; *) fail "a share is a whole number from 0 to 100, in percent, not \"$share\"." ;; esac
[ "$(ID=$id yq '.cells | has(strenv(ID))' "$ROOT/$file")" = true ] ||
  fail "there is no cell \"$id\" in $file; there are: $(yq '.cells | keys | join(", ")' "$ROOT/$file")."

# What the file says now, defaults left out of it as they are when this script writes them.
said() { ID=$id yq '.cells[strenv(ID)] | (.state // "active") + ", " + ((.share // 100) | tostring) + " %"' "$ROOT/$file"; }

now=$(said)
if [ "$state" = active ] && [ -z "$share" ]; then share=100; fi
case $state in
  "") ;;
  active) ID=$id yq -i 'del(.cells[strenv(ID)].state)' "$ROOT/$file" ;;
  *) ID=$id STATE=$state yq -i '.cells[strenv(ID)].state = strenv(STATE)' "$ROOT/$file" ;;
esac
case $share in
  "") ;;
  100) ID=$id yq -i 'del(.cells[strenv(ID)].share)' "$ROOT/$file" ;;
  *) ID=$id SHARE=$share yq -i '.cells[strenv(ID)].share = env(SHARE)' "$ROOT/$file" ;;
esac
if [ "$now" = "$(said)" ]; then
  say "cell $id is $now already in $file"
  exit
fi
say "cell $id: $now -> $(said) in $file"
say_how_to_deliver "$file"
if [ "$(said)" != "active, 100 %" ]; then say "Back into service: task drain-cell ID=$id STATE=active"; fi
