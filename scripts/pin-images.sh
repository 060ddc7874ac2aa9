#!/usr/bin/env bash
# Writes the digests of the images that are built on and deployed; see --help.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
VERSIONS=${VERSIONS_FILE:-$ROOT/versions.env}
CELLS=${CELLS_FILE-$ROOT/manifests/overlays/production/cell/kustomization.yaml}
INDEXES='application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json'
MANIFESTS='application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'

usage() {
  cat <<'USAGE'
Usage: scripts/pin-images.sh

Asks the registries which digest the tags have now, and writes them
  - of the base images into versions.env, between its two marks,
  - of the cells' images into manifests/overlays/production/cell/kustomization.yaml (needs yq).
Changes nothing when one of them cannot be had. A digest says which image it is, not that it is good: build
and test with the new ones before you commit. The router's own digest is written by the release.

  VERSIONS_FILE, CELLS_FILE   other files than these; CELLS_FILE= leaves the cells out
USAGE
}

fail() {
  printf 'pin-images: %s\n' "$*" >&2
  exit 1
}

# --- a registry, by the distribution specification -------------------------------------------

# Docker's own names leave the registry out: "maven" is docker.io/library/maven.
split() {
  local image=$1
  REFERENCE=${image##*:}
  image=${image%:*}
  case $image in
    *.*/* | *:*/* | localhost/*) REGISTRY=${image%%/*} REPOSITORY=${image#*/} ;;
    */*) REGISTRY=registry-1.docker.io REPOSITORY=$image ;;
    *) REGISTRY=registry-1.docker.io REPOSITORY=library/$image ;;
  esac
  case $REGISTRY in
    127.0.0.1:* | localhost:*) SCHEME=http ;;
    *) SCHEME=https ;;
  esac
}

ask() {
  curl -sS --head --connect-timeout 15 --max-time 60 -H "Accept: $INDEXES, $MANIFESTS" "$@" \
    "$SCHEME://$REGISTRY/v2/$REPOSITORY/manifests/$REFERENCE" | tr -d '\r'
}

header() {
  awk -v name="$1:" 'tolower($1) == name { sub(/^[^:]*: */, ""); value = $0 } END { print value }'
}

# The registry says where a token is to be had, also for whom everybody may read.
token() {
  local challenge realm service
  challenge=$(header www-authenticate)
  realm=$(printf '%s' "$challenge" | sed -n 's/.*realm="\([^"]*\)".*/\1/p')
  service=$(printf '%s' "$challenge" | sed -n 's/.*service="\([^"]*\)".*/\1/p')
  [ -n "$realm" ] || return 1
  curl -fsS --max-time 60 -G --data-urlencode "service=$service" --data-urlencode "scope=repository:$REPOSITORY:pull" "$realm" |
    sed -n 's/.*"\(access_\)\{0,1\}token": *"\([^"]*\)".*/\2/p' | head -n 1
}

digest_of() {
  local answer bearer digest
  split "$1"
  answer=$(ask) || return 1
  if printf '%s\n' "$answer" | head -n 1 | grep -q ' 401'; then
    bearer=$(printf '%s\n' "$answer" | token) || return 1
    answer=$(ask -H "Authorization: Bearer $bearer") || return 1
  fi
  digest=$(printf '%s\n' "$answer" | header docker-content-digest)
  printf '%s\n' "$digest" | grep -E '^sha256:[0-9a-f]{64}$'
}

pinned() {
  local digest
  digest=$(digest_of "$1") || fail "no digest of $1 can be had: nothing was changed."
  printf '%s  %s\n' "$digest" "$1" >&2
  printf '%s\n' "$digest"
}

# --- the files -------------------------------------------------------------------------------

pin_bases() {
  local name image
  # shellcheck source=versions.env
  . "$VERSIONS"
  cp "$VERSIONS" "$scratch/versions"
  for name in JDK_IMAGE MAVEN_IMAGE RUNTIME_IMAGE; do
    image=${!name}
    digest=$(pinned "$image") || return 1
    sed "/^# base images: begin/,/^# base images: end/s|{${name}_DIGEST=[^}]*}|{${name}_DIGEST=$digest}|" \
      "$scratch/versions" >"$scratch/next"
    mv "$scratch/next" "$scratch/versions"
  done
}

pin_cells() {
  local image
  cp "$CELLS" "$scratch/cells"
  while IFS= read -r image; do
    digest=$(pinned "$image") || return 1
    IMAGE=${image%:*} DIGEST=$digest yq -i \
      '(.images[] | select((.newName // .name) == strenv(IMAGE)) | .digest) = strenv(DIGEST)' "$scratch/cells"
  done <<IMAGES
$(yq '.images[] | (.newName // .name) + ":" + .newTag' "$CELLS")
IMAGES
}

main() {
  case ${1:-} in
    --help | -h) usage; return ;;
    "") ;;
    *) fail "takes no arguments; see --help." ;;
  esac
  PATH="$ROOT/.tools/bin:$PATH"
  if [ -n "$CELLS" ] && ! command -v yq >/dev/null; then fail "yq is missing: make install-dependencies."; fi
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  pin_bases
  if [ -n "$CELLS" ]; then pin_cells; fi
  cat "$scratch/versions" >"$VERSIONS"
  if [ -n "$CELLS" ]; then cat "$scratch/cells" >"$CELLS"; fi
  echo "pinned; look at git diff."
}

main "$@"
