# shellcheck shell=bash
# What .ci/run starts and stops around the tests, and what came of them. Sourced by it, with root set.
: "${root:?}"

policy=/usr/sbin/policy-rc.d
logs=$root/target/build-logs
cluster_tools=${CLUSTER_TOOLS:-$root/../shared/cluster}
stand_ins=$(realpath -m -- "${IMAGE_STAND_INS:-$root/../shared/images/stand-ins}")
dockerd_pid=""
child=""
cluster_started=no
passed=0
failed=0
skipped=0
broken=no

# step TEXT [COMMAND...]: says what begins, and how long the whole has taken up to now.
step() {
  printf '== %02d:%02d  %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$1" >&2
  shift
  "$@"
}

# in_group COMMAND...: in a process group of its own, which ends with this script. A shell that waits for
# a program in the foreground would hear of a signal only after its end.
in_group() {
  local status=0
  set -m
  "$@" </dev/null &
  child=$!
  set +m
  wait "$child" || status=$?
  child=""
  return "$status"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# In the background: the process is the program, not a shell around it, so that its PID ends it.
become_root() {
  if [ "$(id -u)" -eq 0 ]; then exec "$@"; else exec sudo -n "$@"; fi
}

# --- packages -------------------------------------------------------------------------------

# Debian starts a service as soon as its package is installed; a policy of 101 forbids it. A policy
# that is already there is left alone, and ours is taken away again.
install_packages() {
  local ours=no status=0
  if [ ! -e "$policy" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  apt_get update && apt_get install -y --no-install-recommends "$@" || status=$?
  if [ "$ours" = yes ]; then as_root rm -f "$policy"; fi
  return "$status"
}

apt_get() {
  mkdir -p "$logs"
  if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" </dev/null >"$logs/apt.log" 2>&1; then
    tail -n 30 "$logs/apt.log" >&2
    return 1
  fi
}

# --- Docker ---------------------------------------------------------------------------------

# Only where there is no init that runs it: a daemon of our own, ended at the end.
start_docker() {
  local tries=0
  if docker info >/dev/null 2>&1; then return; fi
  step "starting a Docker daemon"
  mkdir -p "$logs"
  become_root dockerd --host unix:///var/run/docker.sock </dev/null >"$logs/dockerd.log" 2>&1 &
  dockerd_pid=$!
  until docker info >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -ge 60 ] || ! kill -0 "$dockerd_pid" 2>/dev/null; then
      tail -n 20 "$logs/dockerd.log" >&2
      echo ".ci/run: the Docker daemon did not start" >&2
      return 1
    fi
    sleep 1
  done
}

# From outside the checkout: a Maven that it calls would take the options in .mvn, made for another JDK.
make_base_images() {
  if [ -x "$stand_ins" ]; then step "base images" quietly base-images env -C / "$stand_ins"; fi
}

# quietly LOG COMMAND...: its output only when it fails.
quietly() {
  local log=$logs/$1.log
  shift
  mkdir -p "$logs"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    return 1
  fi
}

# --- the cluster ----------------------------------------------------------------------------

# One that answers already is taken as it is. Otherwise it starts empty: what an earlier run left
# would come up again with it.
start_cluster() {
  local addon environment
  step "bringing the cluster up (its first build takes half an hour)"
  cluster_started=yes
  if ! curl -ks -o /dev/null --max-time 5 "https://127.0.0.1:${API_PORT:-6443}/livez"; then
    "$cluster_tools/down" --purge >&2 || return 1
  fi
  export AUDIT_POLICY=$root/manifests/platform/audit/policy.yaml
  in_group "$cluster_tools/up" >"$logs/cluster.env" || return 1
  environment=$(cat "$logs/cluster.env")
  eval "$environment"
  for addon in metrics-server gateway prometheus argocd; do
    step "cluster: $addon" in_group "$cluster_tools/addons/$addon" >&2 || return 1
  done
}

# --- results --------------------------------------------------------------------------------

# count COMMAND...: it ends with "N passed, N failed[, N skipped]".
count() {
  local out=$logs/tests.out p f s
  mkdir -p "$logs"
  in_group shown "$out" "$@" || broken=yes
  read -r p f s <<RESULT
$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed\(, \([0-9]*\) skipped\)\{0,1\}$/\1 \2 \4/p' "$out" | tail -n 1)
RESULT
  add "${p:-0}" "${f:-1}" "${s:-0}"
}

# shown FILE COMMAND...: its output, in a file as well.
shown() {
  local file=$1
  shift
  "$@" | tee "$file"
}

# A cluster that does not come up is a failure like any other: the last line says so.
count_cluster_tests() {
  if start_cluster; then
    step "tests on the cluster" count_e2e
  else
    echo "FAILED the cluster did not come up" >&2
    add 0 1 0
  fi
}

# Half an hour is twice what it takes. By the report: pytest's last line leaves out what is zero.
count_e2e() {
  local report=$root/target/e2e-reports/report.xml summary tests wrong left
  rm -f "$report"
  in_group timeout --signal=INT --kill-after=60 "${E2E_SECONDS:-1800}" "$root/build.sh" e2e >&2 || broken=yes
  if [ ! -s "$report" ]; then
    add 0 1 0
    return
  fi
  summary=$(awk -f "$root/.ci/junit-summary.awk" "$report")
  printf '%s\n' "$summary" | sed '$d' >&2
  read -r _ tests wrong left <<TOTALS
$(printf '%s\n' "$summary" | tail -n 1)
TOTALS
  add $((tests - wrong - left)) "$wrong" "$left"
}

add() {
  passed=$((passed + $1))
  failed=$((failed + $2))
  skipped=$((skipped + $3))
}

# The last line, which CI tools read. Everything that a test may need is here, so none may be left out.
conclude() {
  if [ "$skipped" -gt 0 ]; then echo "$skipped tests were skipped, which none should be here" >&2; fi
  printf '%d passed, %d failed%s\n' "$passed" "$failed" "$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
  [ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ] && [ "$broken" = no ]
}

# --- the end --------------------------------------------------------------------------------

clean_up() {
  local status=$?
  trap - EXIT
  if [ -n "$child" ]; then
    kill -TERM -- "-$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  if [ "$cluster_started" = yes ]; then
    step "taking the cluster down"
    "$cluster_tools/down" >&2 || echo ".ci/run: the cluster did not come down" >&2
  fi
  if [ -n "$dockerd_pid" ]; then
    as_root kill "$dockerd_pid" 2>/dev/null || true
    wait "$dockerd_pid" 2>/dev/null || true
  fi
  exit "$status"
}
