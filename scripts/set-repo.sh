#!/usr/bin/env bash
# Says, in its one place, which repository Argo CD deploys from.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/set-repo.sh URL [REVISION]

Writes URL (https, http, ssh or git@host:path; no password or token in it) and the branch, tag or commit
(default: what it is now) into argocd/settings/repository.yaml.
USAGE
}

case ${1:-} in --help | -h | "") usage; exit ;; esac
need yq
url=$1 revision=${2:-$(repository_revision)} file=argocd/settings/repository.yaml
rest=${url#*://}
# A token can stand alone, as the user's name.
case $url in
  https://*@* | http://*@*) secret=yes ;;
  ssh://*@*) case ${rest%%@*} in *:*) secret=yes ;; *) secret=no ;; esac ;;
  *) secret=no ;;
esac
[ $secret = no ] || fail "no user, password or token in Git: give Argo CD its credentials as a repository Secret (argocd repo add)."
case $url in
  *[[:space:]]*) fail "a URL has no spaces." ;;
  https://?* | http://?* | ssh://?* | git@?*:?*) ;;
  *) fail "\"$url\" is no URL of a repository (https://…, http://…, ssh://…, git@host:path)." ;;
esac
if [ "$(repository_url)" = "$url" ] && [ "$(repository_revision)" = "$revision" ]; then
  say "$file names it already"
  exit
fi
URL=$url REVISION=$revision yq -i '.data.url = strenv(URL) | .data.revision = strenv(REVISION)' "$ROOT/$file"
say "$file: $url, $revision"
say "Commit and push it there; then task bootstrap-apps CLUSTER=$CLUSTER gives it to Argo CD."
