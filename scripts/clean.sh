#!/usr/bin/env bash
# Takes the platform away again.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: CONFIRM=yes scripts/clean.sh

  CLUSTER=kind       deletes the kind cluster and its kubeconfig
  CLUSTER=existing   deletes this project's Applications, projects, namespaces and admission policies; leaves
                     Argo CD, gateway, monitoring and everything that is not labelled as this project's
USAGE
}

case ${1:-} in --help | -h) usage; exit ;; esac
check_environment
mine=app.kubernetes.io/part-of=cell-router

if [ "$CLUSTER" = kind ]; then
  need kind
  what="the kind cluster $KIND_NAME"
else
  need_cluster
  what="this project's objects in $(kubectl config current-context)"
fi
[ "${CONFIRM:-}" = yes ] || fail "this deletes $what. To do it: task clean CLUSTER=$CLUSTER CONFIRM=yes"

if [ "$CLUSTER" = kind ]; then
  kind delete cluster --name "$KIND_NAME"
  rm -f "$KUBECONFIG"
  exit
fi
if kubectl get crd applications.argoproj.io >/dev/null 2>&1; then
  # The root first, or it would bring the others back.
  kubectl -n argocd delete applications.argoproj.io root --ignore-not-found
  kubectl -n argocd delete applications.argoproj.io,appprojects.argoproj.io -l $mine --timeout=5m
fi
kubectl delete validatingadmissionpolicybindings,validatingadmissionpolicies,namespaces -l $mine --ignore-not-found --timeout=5m
say "gone"
