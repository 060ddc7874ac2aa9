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
                     the namespaces argocd, traefik and monitoring, and everything that is not labelled as this
                     project's. A cluster in which production is deployed wants CONFIRM=production
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
case ${CONFIRM:-} in yes | production) ;; *) fail "this deletes $what. To do it: task clean CLUSTER=$CLUSTER CONFIRM=yes" ;; esac

if [ "$CLUSTER" = kind ]; then
  kind delete cluster --name "$KIND_NAME"
  rm -f "$KUBECONFIG"
  exit
fi
production=false argocd=false
if [ "$ENVIRONMENT" = production ]; then production=true; fi
if kubectl get crd applications.argoproj.io >/dev/null 2>&1; then
  argocd=true
  root=$(kubectl -n argocd get applications.argoproj.io root --ignore-not-found -o jsonpath='{.spec.source.path}')
  if [ "$root" = argocd/environments/production ]; then production=true; fi
fi
if [ $production = true ] && [ "$CONFIRM" != production ]; then
  fail "this is production in $(kubectl config current-context). To delete it all the same: task clean CLUSTER=$CLUSTER CONFIRM=production"
fi
if [ $argocd = true ]; then
  # The root first, or it would bring the others back. The projects last: an Application whose project is gone
  # cannot take its objects away, and stays for ever.
  kubectl -n argocd delete applications.argoproj.io root --ignore-not-found
  kubectl -n argocd delete applications.argoproj.io -l $mine --timeout=5m ||
    fail "Argo CD has not finished: task get-apps-status CLUSTER=$CLUSTER says why; then this again."
  kubectl -n argocd delete appprojects.argoproj.io -l $mine,app.kubernetes.io/name!=default
fi
# What lies in the cluster's own namespaces.
for kind in gateways.gateway.networking.k8s.io prometheusrules.monitoring.coreos.com configmaps; do
  if kubectl get "$kind" -A >/dev/null 2>&1; then
    for namespace in traefik monitoring; do
      kubectl -n "$namespace" delete "$kind" -l $mine --ignore-not-found --timeout=1m
    done
  fi
done
kubectl delete validatingadmissionpolicybindings,validatingadmissionpolicies -l $mine --ignore-not-found --timeout=5m
# By name: the label is on traefik and monitoring too, where an earlier deployment has made them.
namespaces=$(kubectl get namespaces -l $mine -o name)
namespaces=$(printf '%s\n' "$namespaces" | grep -Ev '^(namespace/(argocd|traefik|monitoring))?$' || true)
if [ -n "$namespaces" ]; then
  # shellcheck disable=SC2086 # one a word
  kubectl delete $namespaces --ignore-not-found --timeout=5m
fi
say "gone"
