#!/usr/bin/env bash
# Tests the start script with a java that only prints its arguments, and with control groups made of
# plain files. Ends with "N passed, N failed".
set -euo pipefail

case ${1:-} in
  --help | -h)
    echo "Usage: jlink/router-test.sh   tests jlink/router"
    exit 0
    ;;
esac

here=$(cd "$(dirname "$0")" && pwd -P)
work=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$work"' EXIT
home="$work/a folder"
groups=$work/groups
passed=0
failed=0

make_home() {
  mkdir -p "$home/bin"
  cp "$here/router" "$home/bin/router"
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nfor argument in "$@"; do printf "%%s|" "$argument"; done\n' >"$home/bin/java"
  chmod +x "$home/bin/router" "$home/bin/java"
}

# group VERSION_LINES: what /proc/self/cgroup says; limit FILE VALUE: one file under the mount.
group() {
  rm -rf "$groups"
  mkdir -p "$groups"
  printf '%s\n' "$@" >"$groups/membership"
}

limit() {
  mkdir -p "$(dirname "$groups/$1")"
  printf '%s\n' "$2" >"$groups/$1"
}

start() {
  ROUTER_CGROUP_ROOT=$groups ROUTER_CGROUP_FILE=$groups/membership "${ROUTER:-$home/bin/router}" "$@" </dev/null
}

expect() {
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED %s\n      expected: %s\n      but was:  %s\n' "$1" "$2" "$3"
  fi
}

# Which of the size's argument files was chosen?
size() {
  local arguments
  arguments=$(start)
  case $arguments in
    *@"$home"/conf/small.options*) echo small ;;
    *@"$home"/conf/large.options*) echo large ;;
    *) echo neither ;;
  esac
}

command_line() {
  group 0::/
  limit memory.max 536870912
  local wanted="@$home/conf/router.options|-XX:AOTCache=$home/lib/router.aot|-jar|$home/app/cell-router.jar|serve|a b|"
  expect "hands on its arguments, from a folder with a space" "$wanted" "$(start serve "a b")"
  ln -s "a folder/bin/router" "$work/link"
  ln -s link "$work/link2"
  expect "follows relative links" "$wanted" "$(ROUTER=$work/link2 start serve "a b")"
  ln -s "$home/bin/router" "$work/absolute"
  expect "follows absolute links" "$wanted" "$(ROUTER=$work/absolute start serve "a b")"
  expect "is found on the PATH" "$wanted" "$(PATH=$home/bin:$PATH ROUTER=router start serve "a b")"
  expect "is started from its own folder" "$wanted" "$(cd "$home/bin" && ROUTER=./router start serve "a b")"
  expect "puts ROUTER_JVM_OPTIONS last" "-Dx=1|-Dy=2|-jar|" \
    "$(ROUTER_JVM_OPTIONS='-Dx=1 -Dy=2' start | sed "s/.*router.aot|//; s/-jar|.*/-jar|/")"
}

sizes_of_version_2() {
  group 0::/pod/container
  expect "no limit" large "$(size)"
  limit memory.max max
  limit cpu.max "max 100000"
  expect "limits of max" large "$(size)"
  limit pod/container/memory.max 134217728
  expect "128 MiB" small "$(size)"
  limit pod/container/memory.max 201326592
  expect "192 MiB" neither "$(size)"
  limit pod/container/memory.max 2147483648
  expect "2 GiB" large "$(size)"
  limit pod/memory.max 134217728
  expect "128 MiB of the group above" small "$(size)"
  limit pod/memory.max 268435456
  limit pod/container/cpu.max "50000 100000"
  expect "256 MiB at half a core" small "$(size)"
  limit pod/container/cpu.max "100000 100000"
  expect "256 MiB at one core" neither "$(size)"
  group 0::/../host/path
  limit memory.max 134217728
  expect "a path that is the host's" small "$(size)"
}

sizes_of_version_1() {
  group 4:memory:/pod 3:cpu,cpuacct:/pod 0::/
  limit memory/memory.limit_in_bytes 9223372036854771712
  expect "version 1 without a limit" large "$(size)"
  limit memory/pod/memory.limit_in_bytes 134217728
  expect "version 1, 128 MiB" small "$(size)"
  limit memory/pod/memory.limit_in_bytes 268435456
  limit cpu/pod/cpu.cfs_period_us 100000
  limit cpu/pod/cpu.cfs_quota_us -1
  expect "version 1, 256 MiB, no limit of the cores" neither "$(size)"
  limit cpu/pod/cpu.cfs_quota_us 50000
  expect "version 1, half a core" small "$(size)"
  rm -rf "$groups"
  expect "a system without control groups" large "$(size)"
}

overrides() {
  group 0::/
  limit memory.max 134217728
  expect "a compiler chosen in JDK_JAVA_OPTIONS" neither "$(JDK_JAVA_OPTIONS=-XX:+TieredCompilation size)"
  expect "a heap chosen in ROUTER_JVM_OPTIONS" small "$(ROUTER_JVM_OPTIONS=-Xmx100m size)"
  limit memory.max max
  expect "a heap chosen in JDK_JAVA_OPTIONS" neither "$(JDK_JAVA_OPTIONS=-Xmx100m size)"
  expect "an unrelated option" large "$(ROUTER_JVM_OPTIONS=-Dx=1 size)"
}

make_home
command_line
sizes_of_version_2
sizes_of_version_1
overrides
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
