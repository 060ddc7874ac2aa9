#!/usr/bin/env bash
# Brings up the kind cluster of kind-config.yaml, or checks the one that is given.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
  --help | -h)
    say "Usage: scripts/create-cluster.sh"
    say
    say "CLUSTER=kind: creates the cluster \"$KIND_NAME\" unless it exists, with its kubeconfig in .tools/kubeconfig."
    say "CLUSTER=existing: says which cluster KUBECONFIG leads to."
    exit
    ;;
esac

check_environment
need kubectl
if [ "$CLUSTER" = existing ]; then
  need_cluster
  say "existing cluster: $(kubectl config current-context 2>/dev/null || echo "?"), $(kubectl version -o yaml 2>/dev/null | yq '.serverVersion.gitVersion')"
  exit
fi

need kind
# kind takes the paths of kind-config.yaml from here.
cd "$ROOT"
mkdir -p .tools
if kind get clusters 2>/dev/null | grep -qx "$KIND_NAME"; then
  kind export kubeconfig --name "$KIND_NAME" --kubeconfig "$KUBECONFIG" 2>/dev/null
  say "kind cluster $KIND_NAME: already there"
else
  step "kind cluster $KIND_NAME (a few minutes the first time: the node image is fetched)"
  kind create cluster --name "$KIND_NAME" --config kind-config.yaml --kubeconfig "$KUBECONFIG" --wait 5m
fi
need_cluster
say "for your own kubectl: export KUBECONFIG=$KUBECONFIG"
