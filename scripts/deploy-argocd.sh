#!/usr/bin/env bash
# Installs Argo CD, or its settings into the one that is there.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
  --help | -h)
    say "Usage: scripts/deploy-argocd.sh"
    say
    say "Applies argocd/install. With ENVIRONMENT=existing and an Argo CD in the cluster only argocd/install/config:"
    say "the health check of Applications, without which waves do not wait. Then waits until it runs."
    exit
    ;;
esac

check_environment
need kustomize
need_cluster
folder=argocd/install
if [ "$ENVIRONMENT" = existing ] && "$ROOT/scripts/require.sh" argocd; then folder=argocd/install/config; fi
step "$folder"
kustomize build "$ROOT/$folder" | kubectl apply --server-side --force-conflicts -f -
wait_for 600 "Argo CD" rolled_out argocd
