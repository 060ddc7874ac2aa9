#!/usr/bin/env bash
# Adds a cell to the manifests: the same few files that the others have, with another id.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/new-cell.sh ID

Writes, as copies of cell 1's:
  manifests/platform/namespaces/cells/ID            its namespace, quota and limits
  manifests/overlays/{kind,production}/cells/ID     the cell
  …/router/cells.yaml of both                       its entry for the router
  argocd/apps/cells/cell-ID.yaml                    its Application
and names them in the kustomizations beside them. ID: 1 to 10 of a-z, 0-9 and -, not at the ends.
USAGE
}

done_with() { say "  $1"; }

# copy FOLDER: FOLDER/1 becomes FOLDER/ID, with the one value that differs.
copy() {
  cp -R "$ROOT/$1/1" "$ROOT/$1/$id"
  ID=$id yq -i '.data.id = strenv(ID)' "$ROOT/$1/$id/cell.yaml"
  done_with "$1/$id"
  list "$1/kustomization.yaml" "\"$id\""
}

# list KUSTOMIZATION RESOURCE: after the last one, as text, so that the rest of the file stays as it is.
list() {
  local file=$ROOT/$1
  awk -v resource="$2" '
    { line[NR] = $0 }
    /^[^ #]/ { inside = ($0 == "resources:") }
    inside && /^ *- / { last = NR }
    END { for (i = 1; i <= NR; i++) { print line[i]; if (i == last) print "  - " resource } }
  ' "$file" >"$file.new"
  mv "$file.new" "$file"
  done_with "$1"
}

# entry OVERLAY: cell 1's entry with this id, so that whatever else an environment says there is kept.
entry() {
  ID=$id yq -o json '.cells["1"] | del(.state, .share)
    | .name |= sub("-1$", "-" + strenv(ID))
    | (.. | select(tag == "!!str" and test("^https?://"))) |=
      (sub("nginx-1\.", "nginx-" + strenv(ID) + ".") | sub("cell-1\.", "cell-" + strenv(ID) + "."))' \
    "$ROOT/$1/router/cells.yaml"
}

case ${1:-} in --help | -h | "") usage; exit ;; esac
need yq kustomize
id=$1
(LC_ALL=C; case $id in *[!a-z0-9-]* | -* | *- | ???????????*) false ;; esac) ||
  fail "\"$id\" cannot be a cell's id: 1 to 10 of a-z, 0-9 and -, not at the ends (it becomes part of host names)."
[ "$id" != router ] || fail "\"router\" cannot be a cell's id: the namespace cell-router is the router's."
overlays="manifests/overlays/kind manifests/overlays/production"
for folder in manifests/platform/namespaces/cells manifests/overlays/kind/cells manifests/overlays/production/cells; do
  [ ! -e "$ROOT/$folder/$id" ] || fail "there is a cell \"$id\" already: $folder/$id. Nothing was changed."
done
for overlay in $overlays; do
  [ "$(ID=$id yq '.cells | has(strenv(ID))' "$ROOT/$overlay/router/cells.yaml")" = false ] ||
    fail "there is a cell \"$id\" already: $overlay/router/cells.yaml. Nothing was changed."
done
[ ! -e "$ROOT/argocd/apps/cells/cell-$id.yaml" ] || fail "there is a cell \"$id\" already: argocd/apps/cells/cell-$id.yaml. Nothing was changed."

say "cell $id:"
copy manifests/platform/namespaces/cells
for overlay in $overlays; do
  copy "$overlay/cells"
  ID=$id ENTRY=$(entry "$overlay") yq -i '.cells[strenv(ID)] = env(ENTRY)
    | .cells[strenv(ID)] |= (... style="")
    | (.cells | keys | .[] | select(. == strenv(ID))) style="double"' "$ROOT/$overlay/router/cells.yaml"
  done_with "$overlay/router/cells.yaml"
done
sed -e "s/cell-1\$/cell-$id/" -e "s,/cells/1\$,/cells/$id," "$ROOT/argocd/apps/cells/cell-1.yaml" >"$ROOT/argocd/apps/cells/cell-$id.yaml"
done_with "argocd/apps/cells/cell-$id.yaml"
list argocd/apps/cells/kustomization.yaml "cell-$id.yaml"

for overlay in $overlays; do
  kustomize build "$ROOT/$overlay/cells/$id" >/dev/null || fail "$overlay/cells/$id does not build: see above; git status shows what was written."
done
say "The pictures of the tree in docs/images: scripts/draw-gitops.py draws them anew (needs PyYAML)."
say_how_to_deliver manifests argocd docs/images
