#!/usr/bin/env bash
# Runs a command with the tools and the cluster of the tasks.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
  --help | -h | "")
    say "Usage: scripts/with-cluster.sh COMMAND [ARGUMENT...]"
    say
    say "With .tools/bin on the PATH and KUBECONFIG of the kind cluster (CLUSTER=existing: yours):"
    say "scripts/with-cluster.sh kubectl get pods -A"
    exit
    ;;
esac
check_environment
need_cluster
cd "$ROOT"
exec "$@"
