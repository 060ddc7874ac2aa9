# shellcheck shell=bash
# What the scripts behind the tasks share. Sourced; works with the bash 3.2 of macOS.
#
#   CLUSTER      kind (default): the laptop's cluster, by a kubeconfig in .tools. existing: whatever KUBECONFIG says
#   ENVIRONMENT  kind, existing or production: what is deployed there (default: CLUSTER)
# shellcheck disable=SC2034 # read by those who source this file

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export PATH="$ROOT/.tools/bin:$PATH"
# shellcheck source=versions.env
. "$ROOT/versions.env"

SELF=$(basename "$0")
# A task's NAME=value arrives as GIVEN_NAME (Taskfile.yml) and goes before NAME of the environment: the
# runner itself lets the environment win, which could lead to another cluster than the one that was asked for.
for given in CLUSTER ENVIRONMENT KUBECONFIG KIND_NAME IMAGE_LOADER IMAGE_NAME PORT MANAGEMENT_PORT GATEWAY_SERVICE SEAL_CERT TIMEOUT FOLLOW CONFIRM ROLE; do
  value=GIVEN_$given
  if [ -n "${!value:-}" ]; then export "$given=${!value}"; fi
done
unset given value

CLUSTER=${CLUSTER:-kind}
ENVIRONMENT=${ENVIRONMENT:-$CLUSTER}
KIND_NAME=${KIND_NAME:-cell-router}
OVERLAY=kind
if [ "$ENVIRONMENT" = production ]; then OVERLAY=production; fi
# Never the user's own kubeconfig: a task for the laptop cannot reach another cluster.
if [ "$CLUSTER" = kind ]; then export KUBECONFIG="$ROOT/.tools/kubeconfig"; fi

say() { printf '%s\n' "$*"; }

step() { printf '\n== %s\n' "$*"; }

fail() {
  printf '%s: %s\n' "$SELF" "$*" >&2
  exit 1
}

check_environment() {
  case $CLUSTER in kind | existing) ;; *) fail "CLUSTER is kind or existing, not \"$CLUSTER\"." ;; esac
  case $ENVIRONMENT in
    kind | existing | production) ;;
    *) fail "ENVIRONMENT is kind, existing or production, not \"$ENVIRONMENT\"." ;;
  esac
}

# need TOOL...
need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || fail "$tool is missing: make install-dependencies."
  done
}

cluster_answers() {
  kubectl version --request-timeout=10s >/dev/null 2>&1
}

need_cluster() {
  need kubectl
  cluster_answers && return
  if [ "$CLUSTER" = kind ]; then fail "the kind cluster does not answer: task create-cluster (or CLUSTER=existing and KUBECONFIG)."; fi
  fail "no cluster answers with KUBECONFIG=${KUBECONFIG:-~/.kube/config}."
}

# wait_for SECONDS WHAT COMMAND...: runs COMMAND every few seconds until it succeeds. What it prints is
# its state; it is shown when it changes, and every half minute. Status 3 of COMMAND: no use in waiting.
wait_for() {
  local limit=$1 what=$2 began=$SECONDS last=-30 state="" shown="" status
  shift 2
  while :; do
    status=0
    state=$("$@" 2>&1) || status=$?
    if [ "$state" != "$shown" ] || [ $((SECONDS - began - last)) -ge 30 ]; then
      shown=$state last=$((SECONDS - began))
      printf '[%4d s] %s%s\n' "$last" "$what" "${state:+: $state}"
    fi
    if [ "$status" -eq 0 ]; then return 0; fi
    if [ "$status" -eq 3 ]; then fail "$what: $state"; fi
    if [ $((SECONDS - began)) -ge "$limit" ]; then fail "$what: not after $limit s. task troubleshoot CLUSTER=$CLUSTER shows the usual suspects."; fi
    sleep "${WAIT_INTERVAL:-5}"
  done
}

# rolled_out NAMESPACE: are all its workloads complete, with no pod of an older version left? Prints those that are not.
rolled_out() {
  local missing
  missing=$(kubectl -n "$1" get deployments,statefulsets,daemonsets -o json | yq -p json '[.items[]
    | {"name": .kind + "/" + .metadata.name,
       "wanted": .spec.replicas // .status.desiredNumberScheduled // 0,
       "ready": .status.readyReplicas // .status.numberReady // 0,
       "updated": .status.updatedReplicas // .status.updatedNumberScheduled // 0,
       "there": .status.replicas // .status.desiredNumberScheduled // 0,
       "by hand": .spec.updateStrategy.type == "OnDelete",
       "seen": (.status.observedGeneration // 0) >= .metadata.generation}
    | select(.wanted != .ready or .wanted != .there or (.wanted != .updated and .["by hand"] == false) or .seen == false)
    | .name + " " + .ready + "/" + .wanted + ((select(.wanted != .updated) | " (" + .updated + " updated)") // "")] | join(", ")') || return 1
  printf '%s' "${missing:-ready}"
  [ -z "$missing" ]
}

# The Applications of this environment, as Argo CD would see them.
applications() {
  kustomize build "$ROOT/argocd/environments/$ENVIRONMENT" | yq 'select(.kind == "Application")'
}

# The image in Git: cell-router:<tag>, or under the name that it has in a registry.
image_in_git() {
  yq '.images[] | select(.name == "cell-router") | (.newName // .name) + ":" + (.newTag // "")' \
    "$ROOT/manifests/overlays/kind/router/kustomization.yaml"
}

tag_in_git() {
  local image
  image=$(image_in_git)
  printf '%s' "${image##*:}"
}

repository_url() { yq '.data.url' "$ROOT/argocd/settings/repository.yaml"; }

repository_revision() { yq '.data.revision' "$ROOT/argocd/settings/repository.yaml"; }

# The commits that the repository's revision stands for now: one, or for an annotated tag two. Fails or prints
# nothing when that cannot be asked from here (no network, no access, a server inside the cluster).
commits_in_repository() {
  local revision
  revision=$(repository_revision)
  if [[ $revision =~ ^[0-9a-f]{40}$ ]]; then
    say "$revision"
    return
  fi
  GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND="ssh -o BatchMode=yes -o ConnectTimeout=10" \
    git ls-remote "$(repository_url)" "$revision" "$revision^{}" 2>/dev/null |
    awk -v revision="$revision" '{ name = $2; sub(/^refs\/(heads|tags)\//, "", name); sub(/\^\{\}$/, "", name) } name == revision { print $1 }'
}

argocd_deploys() {
  kubectl -n argocd get applications.argoproj.io -l app.kubernetes.io/part-of=cell-router -o name 2>/dev/null | grep -q .
}

# What has to happen after a change of the manifests.
say_how_to_deliver() {
  say "To deliver it: with Argo CD, commit and push ($*); without, task deploy-without-argocd CLUSTER=$CLUSTER."
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}
