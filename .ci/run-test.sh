#!/usr/bin/env bash
# Tests .ci/run with a build.sh and a cluster that are made for it: what it adds up, and that the
# cluster and the Docker daemon end with it, whatever happens. Ends with "N passed, N failed".
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# program FILE BODY: an executable script that writes its name and arguments down.
program() {
  mkdir -p "$(dirname "$1")"
  # shellcheck disable=SC2016
  printf '#!/usr/bin/env bash\necho "$(basename "$0") $*" >>"%s/calls"\n%s\n' "$work" "$2" >"$1"
  chmod +x "$1"
}

# A checkout with a cluster beside it, on a machine that has all packages and a running Docker daemon.
fresh() {
  local tool
  rm -rf "${work:?}"/*
  mkdir -p "$work/main/.ci" "$work/bin"
  cp "$here/run" "$here/services.sh" "$here/junit-summary.awk" "$work/main/.ci/"
  for tool in nginx haproxy wrk shellcheck curl git make cc unshare docker dockerd prometheus promtool prometheus-nginx-exporter chromium; do
    program "$work/bin/$tool" 'exit 0'
  done
  program "$work/bin/curl" 'exit 7'
  program "$work/bin/apt-get" 'exit 1'
  program "$work/cluster/down" ''
  program "$work/cluster/up" 'echo "export KUBECONFIG=/made/for/a/test"'
  for tool in metrics-server gateway prometheus argocd; do program "$work/cluster/addons/$tool" ''; done
  build 'echo "12 passed, 0 failed"' "$(report 5 0 0)"
}

report() {
  printf 'mkdir -p target/e2e-reports; echo '\''<testsuites><testsuite tests="%d" failures="%d" errors="0" skipped="%d"></testsuite></testsuites>'\'' >target/e2e-reports/report.xml' "$1" "$2" "$3"
}

# build TEST E2E: what ./build.sh does for these commands.
build() {
  # shellcheck disable=SC2016
  program "$work/main/build.sh" "cd '$work/main'; case \$1 in test) $1 ;; e2e) echo KUBECONFIG=\$KUBECONFIG; $2 ;; esac"
}

run() {
  local status=0
  CLUSTER_TOOLS=${TOOLS-$work/cluster} IMAGE_STAND_INS=$work/none PATH="$work/bin:$PATH" \
    "$work/main/.ci/run" >"$work/out" 2>"$work/err" </dev/null || status=$?
  printf '%s, exit %d, down %d' "$(tail -n 1 "$work/out")" "$status" "$(grep -c '^down $' "$work/calls" || true)"
}

expect() {
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED %s\n      expected: %s\n      but was:  %s\n' "$1" "$2" "$3"
    cat "$work/err"
  fi
}

fresh
expect "adds both up" "17 passed, 0 failed, exit 0, down 1" "$(run)"
expect "hands the cluster to the suite" 1 "$(grep -c 'KUBECONFIG=/made/for/a/test' "$work/err")"
expect "starts from nothing" 1 "$(grep -c '^down --purge$' "$work/calls")"

fresh
program "$work/bin/curl" 'exit 0'
run >/dev/null
expect "takes a cluster that answers as it is" 0 "$(grep -c '^down --purge$' "$work/calls" || true)"

fresh
build 'echo "10 passed, 2 failed"; exit 1' "$(report 5 1 1)"
expect "adds failures up" "13 passed, 3 failed, 1 skipped, exit 1, down 1" "$(run)"

fresh
build 'echo "12 passed, 0 failed"' "$(report 5 0 0); exit 1"
expect "a suite that ends badly fails the run" "17 passed, 0 failed, exit 1, down 1" "$(run)"

fresh
build 'echo "12 passed, 0 failed, 3 skipped"' "$(report 5 0 0)"
expect "a skipped test fails the run" "17 passed, 0 failed, 3 skipped, exit 1, down 1" "$(run)"

fresh
build 'exit 1' "$(report 5 0 0)"
expect "tests that break off count as failed" "5 passed, 1 failed, exit 1, down 1" "$(run)"

fresh
build 'echo "12 passed, 0 failed"' 'exit 1'
expect "a suite without a report counts as failed" "12 passed, 1 failed, exit 1, down 1" "$(run)"

fresh
program "$work/cluster/up" 'exit 1'
expect "a cluster that does not come up counts as failed" "12 passed, 1 failed, exit 1, down 1" "$(run)"

fresh
program "$work/cluster/addons/prometheus" 'exit 1'
expect "so does an add-on" "12 passed, 1 failed, exit 1, down 1" "$(run)"

# A suite that hangs, and somebody who does not wait for it.
hang() {
  # shellcheck disable=SC2016
  program "$work/cluster/addons/argocd" 'echo $PPID >"'"$work"'/run.pid"'
  build 'echo "12 passed, 0 failed"' "echo \$\$ >'$work/suite.pid'; exec sleep 60"
}

fresh
hang
# shellcheck disable=SC2016
program "$work/stop" 'while [ ! -s "'"$work"'/suite.pid" ]; do sleep 0.1; done; kill -TERM "$(cat "'"$work"'/run.pid")"'
"$work/stop" &
expect "takes the cluster down when it is told to stop" "12 passed, 0 failed, exit 130, down 1" "$(run)"
wait
expect "and ends what it was waiting for" "ended" "$(kill -0 "$(cat "$work/suite.pid")" 2>/dev/null && echo runs || echo ended)"

fresh
hang
expect "gives a suite that hangs up" "12 passed, 1 failed, exit 1, down 1" "$(E2E_SECONDS=1 run)"

fresh
expect "does without a cluster" "12 passed, 0 failed, exit 0, down 0" "$(TOOLS=$work/none run)"

fresh
program "$work/bin/docker" "test -e '$work/socket'"
# shellcheck disable=SC2016
program "$work/bin/dockerd" 'trap "rm $0.socket; exit" TERM; touch '"'$work/socket'"' "$0.socket"; while :; do sleep 0.1; done'
# The daemon is started by root, or with sudo.
program "$work/bin/sudo" 'shift; exec "$@"'
expect "starts a Docker daemon where none runs" "17 passed, 0 failed, exit 0, down 1" "$(run)"
expect "and ends it" "ended" "$([ -e "$work/bin/dockerd.socket" ] && echo running || echo ended)"

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
