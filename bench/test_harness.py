"""Reading /proc, the generators' output and control groups; processes and their end."""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
from pathlib import Path

import run
from harness.cells import render
from harness.cost import build_before
from harness.load import parse_constant, parse_wrk
from harness.machine import cpu_now, disturbance, parse_cpu, size
from harness.measure import Plan
from harness.memory import parent_group
from harness.prepare import digest, java_version
from harness.process import Failed, Processes, cpu_seconds, memory_mb, parse_stat, parse_status_kb, tree
from harness.progress import Progress
from harness.rig import Rig, in_turn
from harness.wire import server_of

ROOT = Path(__file__).resolve().parent.parent


class Parsing(unittest.TestCase):
    def test_stat_with_a_name_that_looks_like_fields(self):
        text = "42 (a) b (c) 9) S 7 42 42 0 -1 4194560 100 0 0 0 250 50 9 9 20 0 1 0 12345 1 2"
        self.assertEqual(parse_stat(text), (7, 300))

    def test_status_fields(self):
        text = "Name:\tx\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n"
        self.assertEqual((parse_status_kb(text, "VmRSS"), parse_status_kb(text, "VmHWM")), (1024, 2048))
        self.assertEqual(parse_status_kb("Name:\tkernel thread\n", "VmRSS"), 0)

    def test_wrk(self):
        text = ('Running 1s test\nRESULT {"requests":100,"micros":2000000,"p50":1,"p99":2,"p99.9":3,"max":4,'
                '"connect":0,"read":1,"write":0,"status":5,"timeout":2}\n')
        result = parse_wrk(text)
        self.assertEqual((result["requests_per_s"], result["error_count"], result["p99.9"]), (50.0, 8, 3))
        with self.assertRaises(Failed):
            parse_wrk("unable to connect to 127.0.0.1:1 Connection refused")

    def test_constant_rate(self):
        raw = {"answered": 90, "status": 1, "wrong": 2, "socket": 3, "waiting": 0, "latency": {"p50": 100.0, "p99": 1.0}}
        result = parse_constant(json.dumps(raw))
        self.assertEqual((result["asked"], result["error_count"], result["saturated"]), (96, 6, False))
        self.assertTrue(parse_constant(json.dumps({**raw, "waiting": 4}))["saturated"])
        self.assertTrue(parse_constant(json.dumps({**raw, "latency": {"p50": 600_000.0}}))["saturated"])

    def test_only_the_cells_own_name_counts(self):
        self.assertEqual(server_of(b'{"cellID": "1", "server": "nginx-1"}'), "nginx-1")
        self.assertEqual(server_of(b'{"upstream": "nginx-1", "response": {"server": "nginx-2"}}'), "nginx-2")
        for other in (b'{"upstream": "nginx-1"}', b"nginx-1", b"[]", b'{"response": "nginx-1"}'):
            self.assertIsNone(server_of(other))

    def test_templates_keep_nginx_variables(self):
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "a"), Path(folder, "b")
            source.write_text("listen ${PORT}; proxy_pass http://$cell/api; ${lower}")
            render(source, target, PORT=80)
            self.assertEqual(target.read_text(), "listen 80; proxy_pass http://$cell/api; ${lower}")
            source.write_text("${UNKNOWN}")
            with self.assertRaises(KeyError):
                render(source, target)

    def test_the_nearest_group_that_may_limit_memory(self):
        mounts = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"
        files = {
            "/sys/fs/cgroup/cgroup.subtree_control": "cpu memory pids",
            "/sys/fs/cgroup/user.slice/cgroup.subtree_control": "cpu memory",
            "/sys/fs/cgroup/user.slice/me.scope/cgroup.subtree_control": "",
        }

        def find(own, known=files):
            return parent_group(own, mounts, lambda p: str(p) in known, lambda p: known[str(p)])

        self.assertEqual(find("1:name=systemd:/\n0::/user.slice/me.scope\n"), Path("/sys/fs/cgroup/user.slice"))
        self.assertEqual(find("0::/\n"), Path("/sys/fs/cgroup"))
        self.assertIsNone(find("0::/\n", {"/sys/fs/cgroup/cgroup.subtree_control": "cpu pids"}))
        self.assertIsNone(find("4:memory:/x\n"))
        self.assertIsNone(parent_group("0::/\n", "proc /proc proc rw 0 0\n"))


class RunningProcesses(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = Path(folder.name) / "log"
        self.processes = Processes()
        self.addCleanup(self.processes.stop_all)

    def wait_for(self, condition):
        deadline = time.monotonic() + 3
        while not condition():
            self.assertLess(time.monotonic(), deadline, "it took too long")
            time.sleep(0.01)

    def test_children_are_counted_and_ended_with_their_parent(self):
        burn = "import time\ne=time.process_time()+0.1\nwhile time.process_time()<e: pass\nprint('done',flush=True)\ntime.sleep(60)"
        script = f"import subprocess,sys;subprocess.run([sys.executable,'-c',{burn!r}])"
        process = self.processes.start([sys.executable, "-c", script], self.log)
        self.wait_for(lambda: "done" in self.log.read_text())
        members = tree(process.pid)
        self.assertEqual(len(members), 2)
        self.assertGreaterEqual(cpu_seconds(process.pid), 0.09)
        self.assertGreater(memory_mb(process.pid), 2)
        process.stop(gently=False)
        self.wait_for(lambda: not any(Path(f"/proc/{m}").exists() for m in members))

    def test_one_that_ignores_sigterm_is_ended(self):
        script = "import signal,time;signal.signal(15,signal.SIG_IGN);print('up',flush=True);time.sleep(60)"
        process = self.processes.start([sys.executable, "-c", script], self.log)
        self.wait_for(lambda: "up" in self.log.read_text())
        process.stop(seconds=0.2)
        self.assertFalse(process.alive())

    def test_it_runs_on_the_cores_it_is_given(self):
        script = "import os,time;print(os.sched_getaffinity(0),flush=True)"
        self.processes.start([sys.executable, "-c", script], self.log, cores={0})
        self.wait_for(lambda: "{0}" in self.log.read_text())


class CommandLine(unittest.TestCase):
    def test_quick_and_partial_runs_never_replace_a_result(self):
        settings = {"quick": False, "rounds": 3, "other_start": False}
        full = {"settings": settings, "titles": dict.fromkeys(run.KEYS)}
        self.assertFalse(run.partial(full))
        self.assertFalse(run.partial({**full, "titles": dict.fromkeys(run.KEYS + run.FLOORS)}))
        for change in ({"quick": True}, {"rounds": 2}, {"other_start": True}, {"latency_only": True}):
            self.assertTrue(run.partial({**full, "settings": {**settings, **change}}), change)
        self.assertTrue(run.partial({**full, "titles": {"router": ""}}))

    def test_a_full_run_is_planned_for_at_most_25_minutes(self):
        class Guess:
            def __init__(self, key, warm_up):
                self.key, self.warm_up = key, warm_up

        all_of_them = [Guess("router", 12), Guess("scg", 12)] + [Guess("fastapi", 3)] + [Guess("haproxy", 3)] * 2
        self.assertLess(Plan().total(all_of_them, all_of_them, all_of_them[:2]), 25 * 60)

    def test_bad_arguments(self):
        for bad in (["--only", "router,apache"], ["--rounds", "0"], ["--nonsense"], ["--cost", "--isolation"], ["--cost", "--only", "router"]):
            with self.assertRaises(SystemExit), open(os.devnull, "w") as null:
                stderr, sys.stderr = sys.stderr, null
                try:
                    run.arguments(bad)
                finally:
                    sys.stderr = stderr

    def test_help(self):
        done = subprocess.run([sys.executable, ROOT / "bench" / "run.py", "--help"], capture_output=True, text=True, check=True)
        self.assertIn("--strict", done.stdout)


class Cost(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def git(self, *arguments):
        names = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", "-C", self.root, *names, *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def test_a_clone_without_the_commit_is_told_what_to_do(self):
        self.git("init", "-q")
        with self.assertRaisesRegex(Failed, "git fetch --unshallow"):
            build_before(self.root, self.root / "cache", None, lambda _: None)

    def test_the_commit_itself_is_built_once_whatever_the_working_tree_holds(self):
        self.git("init", "-q")
        script = "#!/bin/sh\nmkdir -p target/runtime/bin && echo first > target/runtime/bin/router && echo built >> ../builds\n"
        (self.root / "build.sh").write_text(script)
        (self.root / "build.sh").chmod(0o755)
        self.git("add", "build.sh")
        self.git("commit", "-q", "-m", "first")
        commit = self.git("rev-parse", "HEAD")
        (self.root / "build.sh").write_text("#!/bin/sh\nexit 1\n")
        cache = self.root / "cache"
        cache.mkdir()
        with unittest.mock.patch("harness.cost.BEFORE", commit):
            for _ in range(2):
                start = build_before(self.root, cache, None, lambda _: None)
        self.assertEqual(start.read_text(), "first\n")
        self.assertEqual((cache / "builds").read_text(), "built\n")

    def test_all_that_can_be_switched_on_is_named_in_the_configuration(self):
        template = (ROOT / "bench" / "peers" / "router" / "all-on.yaml.template").read_text()
        settings = (ROOT / "src" / "main" / "java" / "io" / "cellrouter" / "config" / "CellSetting.java").read_text()
        for key in re.findall(r"^  (\w+):", template.split("cells:")[0], re.M):
            self.assertIn(f"{key.upper()}(", settings)


class Rounds(unittest.TestCase):
    def test_each_of_the_routers_begins_and_ends_equally_often(self):
        orders = [in_turn(number, ["a", "b", "c"]) for number in range(6)]
        for place in (0, -1):
            self.assertEqual(sorted(order[place] for order in orders), ["a", "a", "b", "b", "c", "c"])
        self.assertEqual(orders[4], ["b", "c", "a"])

    def test_a_router_that_does_not_route_is_stopped_as_one_that_is_measured(self):
        for trouble in (Failed("it never answered"), None):
            starter = unittest.mock.Mock()
            starter.wait.side_effect = trouble
            with unittest.mock.patch("harness.rig.check_routing"):
                try:
                    with Rig(starter, None, None, None).routing("it") as running:
                        self.assertIs(running, starter.start.return_value)
                        starter.stop.assert_not_called()
                except Failed:
                    self.assertIsNotNone(trouble)
            starter.stop.assert_called_once_with(starter.start.return_value)


class Rest(unittest.TestCase):
    def test_progress_counts_down(self):
        now = iter([0, 0, 0, 100, 100])
        out = io.StringIO()
        progress = Progress(120, out, lambda: next(now))
        progress.step("first", 60)
        progress.step("second", 60)
        self.assertIn("first  (2:00 left)", out.getvalue())
        self.assertIn("second  (1:40 left)", out.getvalue())

    def test_what_others_took(self):
        hundred = os.sysconf("SC_CLK_TCK") * 100
        first = parse_cpu("cpu 0 0 0 0 0 0 0 0 0 0\ncpu0 1\n")
        second = parse_cpu(f"cpu {hundred} 0 {hundred} {hundred} 0 0 {hundred // 2} {hundred // 2} 0 0\n")
        result = disturbance({**first, "own": 0}, {**second, "own": 160})
        self.assertEqual(result, {"others_percent": 10.0, "steal_percent": 12.5})

    def test_own_work_is_not_a_disturbance(self):
        before = cpu_now()
        subprocess.run([sys.executable, "-c", "while __import__('time').process_time() < 0.2: pass"], check=True)
        after = cpu_now()
        # The kernel counts in ticks of 10 ms: 19 of them are 0.18999999999999995 as a difference of seconds.
        self.assertGreaterEqual(round((after["own"] - before["own"]) * 100), 19)

    def test_size(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "zeros").write_bytes(bytes(1_000_000))
            result = size(Path(folder))
            self.assertEqual(result["disk_mb"], 1.0)
            self.assertLess(result["gzip_mb"], 0.01)

    def test_a_changed_source_is_built_again(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "a").write_text("1")
            first = digest(Path(folder))
            Path(folder, "a").write_text("2")
            self.assertNotEqual(first, digest(Path(folder)))

    def test_java_version_from_the_release_file(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertIsNone(java_version(folder))
            Path(folder, "release").write_text('IMPLEMENTOR="X"\nJAVA_VERSION="25.0.3"\nJAVA_RUNTIME_VERSION="25.0.3+9"\n')
            self.assertEqual(java_version(folder), "25.0.3+9 (X)")


if __name__ == "__main__":
    unittest.main()
