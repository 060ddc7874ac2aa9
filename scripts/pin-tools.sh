#!/usr/bin/env bash
# Writes the checksums that the vendors publish into versions.env. Needs the internet.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=versions.env
. "$ROOT/versions.env"
# shellcheck source=.ci/toolchain.sh
. "$ROOT/.ci/toolchain.sh"
# shellcheck source=scripts/tools/catalogue.sh
. "$ROOT/scripts/tools/catalogue.sh"

FILE=${VERSIONS_FILE:-$ROOT/versions.env}

usage() {
  cat <<'USAGE'
Usage: scripts/pin-tools.sh

After a version in versions.env was changed: asks each vendor for the SHA-256 of the tool on Linux and
macOS, amd64 and arm64, and writes them between the two marks of versions.env. Changes nothing when one
of them cannot be had. A vendor's checksum says that the file is the vendor's, not that it is good: look
at `git diff` before you commit.

  VERSIONS_FILE   another file than versions.env (its versions are not read)
  TOOLS_MIRROR    see scripts/install-dependencies.sh
USAGE
}

fail() {
  printf 'pin-tools.sh: %s\n' "$*" >&2
  exit 1
}

pins() {
  local tool os arch
  for tool in $ALL_TOOLS; do
    for os in linux darwin; do
      for arch in amd64 arm64; do
        describe "$tool" "$os" "$arch"
        download "$sums" "$scratch/sums" || fail "could not fetch $sums: nothing was changed."
        sum=$(published_sum "$scratch/sums" "$(basename "$url")") || fail "no checksum of $(basename "$url") in $sums: nothing was changed."
        # shellcheck disable=SC2016 # the file is shell text
        printf ': "${%s_SHA256_%s_%s=%s}"\n' "$(key_of "$tool")" "$os" "$arch" "$sum"
      done
    done
    printf '%s\n' "$tool $version" >&2
  done
}

case ${1:-} in
  --help | -h) usage; exit ;;
  "") ;;
  *) fail "takes no arguments; see --help." ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
grep -q '^# pins of tools: begin$' "$FILE" || fail "$FILE has no line \"# pins of tools: begin\"."
pins >"$scratch/pins"
awk -v pins="$scratch/pins" '
  /^# pins of tools: end$/ { inside = 0 }
  !inside { print }
  /^# pins of tools: begin$/ { inside = 1; while ((getline line < pins) > 0) print line }
' "$FILE" >"$scratch/new"
cat "$scratch/new" >"$FILE"
echo "pinned in $(basename "$FILE")"
