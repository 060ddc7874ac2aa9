#!/usr/bin/env bash
# API keys, of clients or of admins: made at random, delivered as digests, shown once.
# shellcheck disable=SC2016 # the dollars are yq's
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/secrets.sh add CLIENT...      a new key for each, beside those in force
       scripts/secrets.sh retire CLIENT...   only the newest key of each stays
       scripts/secrets.sh remove CLIENT...   no key of these
       scripts/secrets.sh list               clients and the first digits of their digests

A key has 256 random bits and is printed once; only its SHA-256 is kept. Where:
  CLUSTER=kind       manifests/components/sealed-secrets/<overlay>/api-keys.sealed.yaml, encrypted for the
                     cluster's sealed-secrets controller: commit and push it. Also ENVIRONMENT=production
  CLUSTER=existing   the Secret cell-router-api-keys itself; nothing of it is in Git
The router overlay of the environment is told to ask for keys, once. What is in force is read from the
cluster, so deliver one change before you make the next.

ROLE=admin: keys of those who may change cells at run time (scripts/override-cell.sh), in a Secret of their
own, cell-router-admin-keys (admin-keys.sealed.yaml). Routers take it without a restart, the first one too.

Rotation: add, deliver, give the client its new key, retire, deliver. Routers take a changed Secret
without a restart, as soon as the kubelet has written it (about a minute).

  SEAL_CERT   the controller's certificate (kubeseal --fetch-cert), instead of asking the cluster
USAGE
}

# A folder for each overlay: what is sealed for one cluster is of no use to another.
folder=manifests/components/sealed-secrets/$OVERLAY
case ${ROLE:-client} in
  client) kind=api-keys ;;
  admin) kind=admin-keys ;;
  *) fail "ROLE is client or admin, not \"$ROLE\"." ;;
esac
secret=cell-router-$kind
member=$kind.json

sealed() { [ "$CLUSTER" = kind ] || [ "$ENVIRONMENT" = production ]; }

# {"sha256:<hex>":"client"}, the oldest first. Only a Secret that is not there means that there are no keys.
keys_in_force() {
  local answer
  answer=$(kubectl -n cell-router get secret "$secret" --ignore-not-found -o json) || fail "could not read the keys in force."
  if [ -z "$answer" ]; then
    say '{}'
  else
    say "$answer" | MEMBER=$member yq -p json -o json -I 0 '.data[strenv(MEMBER)] | @base64d | from_json'
  fi
}

# known CLIENT: has it a key?
known() { CLIENT=$1 yq -p json -e 'to_entries | any_c(.value == strenv(CLIENT))' "$scratch/$member" >/dev/null 2>&1; }

edit() {
  yq -i -p json -o json -I 0 "$1" "$scratch/$member"
}

add() {
  local client key digest
  for client in "$@"; do
    key=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')
    digest=$(printf '%s' "$key" | sha256)
    CLIENT=$client DIGEST=$digest edit '. + {("sha256:" + strenv(DIGEST)): strenv(CLIENT)}'
    printf '%s\t%s\n' "$client" "$key" >>"$scratch/new"
  done
}

retire() {
  local client
  for client in "$@"; do
    known "$client" || fail "$client has no key; nothing was changed."
    CLIENT=$client edit '(to_entries | map(select(.value == strenv(CLIENT))) | .[-1].key) as $newest
      | with_entries(select(.value != strenv(CLIENT) or .key == $newest))'
  done
}

remove() {
  local client
  for client in "$@"; do
    known "$client" || fail "$client has no key; nothing was changed."
    CLIENT=$client edit 'with_entries(select(.value != strenv(CLIENT)))'
  done
}

list() {
  yq -p json -o tsv 'to_entries | map([.value, (.key | sub("^(sha256:.{8}).*", "${1}…"))])' "$scratch/$member" | sort
}

# component NAME: the overlay uses it.
component() {
  COMPONENT=../../../components/$1 yq -i '.components = ((.components // []) + [strenv(COMPONENT)] | unique)' \
    "$ROOT/manifests/overlays/$OVERLAY/router/kustomization.yaml"
}

deliver() {
  FILE=$scratch/$member NAME=$secret MEMBER=$member yq -n '.apiVersion = "v1" | .kind = "Secret"
    | .metadata.name = strenv(NAME) | .metadata.namespace = "cell-router"
    | .metadata.labels["app.kubernetes.io/name"] = "cell-router"
    | .metadata.labels["app.kubernetes.io/instance"] = "cell-router"
    | .metadata.labels["app.kubernetes.io/part-of"] = "cell-router"
    | .stringData[strenv(MEMBER)] = load_str(strenv(FILE))' >"$scratch/secret.yaml"
  if sealed; then
    need kubeseal
    # shellcheck disable=SC2086
    kubeseal ${SEAL_CERT:+--cert "$SEAL_CERT"} --format yaml <"$scratch/secret.yaml" >"$scratch/sealed.yaml" ||
      fail "could not seal: is the controller there (kubectl -n kube-system get deployment sealed-secrets-controller)? Nothing was changed."
    umask 022
    mkdir -p "$ROOT/$folder"
    sed '1{/^---$/d;}' "$scratch/sealed.yaml" >"$ROOT/$folder/$kind.sealed.yaml"
    {
      printf '%s\n' 'apiVersion: kustomize.config.k8s.io/v1alpha1' 'kind: Component' 'resources:'
      (cd "$ROOT/$folder" && printf '  - %s\n' *.sealed.yaml)
    } >"$ROOT/$folder/kustomization.yaml"
    component "sealed-secrets/$OVERLAY"
    say "sealed: $folder/$kind.sealed.yaml"
  else
    kubectl apply --server-side --force-conflicts -f "$scratch/secret.yaml"
  fi
  if [ "$kind" = api-keys ]; then component authentication; fi
  say_how_to_deliver manifests
}

show_new() {
  if [ ! -s "$scratch/new" ]; then return; fi
  say
  say "Shown this once; X-API-Key:"
  awk -F '\t' '{ printf "  %-20s %s\n", $1, $2 }' "$scratch/new"
}

case ${1:-} in
  --help | -h | "") usage; exit ;;
  add | retire | remove) [ $# -gt 1 ] || fail "$1 whom? scripts/secrets.sh $1 CLIENT..." ;;
  list) ;;
  *) usage >&2; fail "there is no \"$1\"." ;;
esac
check_environment
need kubectl yq
for client in "${@:2}"; do
  (LC_ALL=C; case $client in "" | *[!A-Za-z0-9._-]*) false ;; esac && [ ${#client} -le 64 ]) ||
    fail "\"$client\" is no name of a client: up to 64 letters, digits, . _ -"
done
need_cluster
umask 077
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
keys_in_force >"$scratch/$member"
"$@"
if [ "$1" != list ]; then
  deliver
  show_new
fi
