#!/usr/bin/env bash
# Writes a released image into the production overlay, by its digest.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/set-production-image.sh NAME:TAG@sha256:DIGEST

Writes name, tag and digest into manifests/overlays/production/router/kustomization.yaml. The digest is
what is pulled; the tag tells people what it is.
USAGE
}

case ${1:-} in --help | -h | "") usage; exit ;; esac
need yq kustomize
image=$1 file=manifests/overlays/production/router/kustomization.yaml
[[ $image =~ ^([a-z0-9][a-z0-9./_-]*):([A-Za-z0-9_][A-Za-z0-9._-]*)@(sha256:[0-9a-f]{64})$ ]] ||
  fail "\"$image\" is not NAME:TAG@sha256:<64 hex digits>."
NAME=${BASH_REMATCH[1]} TAG=${BASH_REMATCH[2]} DIGEST=${BASH_REMATCH[3]} yq -i '
  (.images[] | select(.name == "cell-router")) |= (.newName = strenv(NAME) | .newTag = strenv(TAG) | .digest = strenv(DIGEST))' "$ROOT/$file"
found=$(kustomize build "$ROOT/$(dirname "$file")" | yq 'select(.kind == "Deployment") | .spec.template.spec.containers[0].image')
case $found in *"@${image##*@}") ;; *) fail "$file now gives $found, not the digest." ;; esac
say "$file: $found"
