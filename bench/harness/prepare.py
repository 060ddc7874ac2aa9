"""Finds the programs and builds the peers; what is built is kept under target/bench/."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .process import Failed


@dataclass
class Tools:
    nginx: str
    wrk: str
    load: Path
    java: str | None = None
    java_home: str | None = None
    router: list | None = None
    gateway: Path | None = None
    fastapi: Path | None = None
    haproxy: str | None = None
    jdk_parts: Path | None = None
    versions: dict = field(default_factory=dict)
    missing: list = field(default_factory=list)  # one sentence each


def prepare(root: Path, keys: list[str], router_command: list | None, say) -> Tools:
    """`keys` are the contenders that are wanted; one that cannot be had becomes a sentence in `missing`."""
    cache = root / "target" / "bench"
    cache.mkdir(parents=True, exist_ok=True)
    nginx, wrk, go = (_program(name) for name in ("nginx", "wrk", "go"))
    for name, found, use in (
        ("nginx", nginx, "it serves as the three cells"),
        ("wrk", wrk, "it generates the load"),
        ("go", go, "it builds the constant-rate load generator"),
    ):
        if not found:
            raise Failed(f"{name} is not on the PATH: install it ({use}).")
    load = _load_generator(root, cache, go, say)
    tools = Tools(nginx=nginx, wrk=wrk, load=load)
    tools.versions["nginx"] = _first_line([nginx, "-v"])
    tools.versions["wrk"] = _first_line([wrk, "-v"], accept=1).split(" Copyright")[0]
    tools.versions["go"] = _first_line([go, "version"])
    if set(keys) - {"fastapi", "haproxy", "nginx"}:
        tools.java_home = find_jdk_25()
        if tools.java_home:
            tools.java = str(Path(tools.java_home) / "bin" / "java")
            tools.versions["java"] = java_version(tools.java_home)
    steps = {
        "router": lambda: _router(root, router_command, tools),
        "scg": lambda: _gateway(root, cache, tools, say),
        "fastapi": lambda: _fastapi(root, cache, tools, say),
        "haproxy": lambda: _haproxy(tools),
        "nginx": lambda: None,
        "jdk": lambda: _jdk_parts(root, cache, tools),
        "jdk-server": lambda: _jdk_parts(root, cache, tools),
    }
    for key in keys:
        try:
            steps[key]()
        except Failed as problem:
            tools.missing.append(f"{key}: {problem}")
    return tools


def find_jdk_25() -> str | None:
    """JAVA_HOME, the PATH, then the usual folders of Linux and macOS."""
    candidates = [os.environ.get("JAVA_HOME")]
    if on_path := shutil.which("java"):
        candidates.append(str(Path(on_path).resolve().parent.parent))
    for pattern in ("/usr/lib/jvm/*25*", "/opt/*25*", "/Library/Java/JavaVirtualMachines/*25*/Contents/Home"):
        candidates += sorted(str(p) for p in Path("/").glob(pattern[1:]))
    for home in candidates:
        if home and (java_version(home) or "").startswith("25"):
            return home
    return None


def java_version(home: str) -> str | None:
    try:
        release = (Path(home) / "release").read_text()
    except OSError:
        return None
    values = dict(re.findall(r'^(\w+)="([^"]*)"', release, re.M))
    version = values.get("JAVA_RUNTIME_VERSION") or values.get("JAVA_VERSION")
    return version and f"{version} ({values.get('IMPLEMENTOR', 'unknown vendor')})"


def _router(root: Path, command: list | None, tools: Tools) -> None:
    if not command:
        start = root / "target" / "runtime" / "bin" / "router"
        if not start.exists():
            raise Failed("target/runtime/bin/router is not there: run ./build.sh runtime first.")
        command = [start]
    tools.router = command
    tools.versions["router"] = project_version(root)


def project_version(root: Path) -> str:
    pom = (root / "pom.xml").read_text()
    version = re.search(r"<version>([^<]+)</version>", pom)
    commit = _output(["git", "-C", root, "describe", "--always", "--dirty", "--abbrev=10"])
    return f"{version.group(1) if version else 'unknown'} ({commit or 'no commit'})"


def _gateway(root: Path, cache: Path, tools: Tools, say) -> None:
    maven = _program("mvn")
    if not tools.java:
        raise Failed("no JDK 25 was found: install one and set JAVA_HOME.")
    folder = root / "bench" / "peers" / "spring-cloud-gateway"
    target = cache / "spring-cloud-gateway"
    jar = target / "gateway.jar"
    if _changed(target, folder) or not jar.exists():
        if not maven:
            raise Failed("mvn is not on the PATH: install Maven (it builds the Spring Cloud Gateway peer).")
        say("building Spring Cloud Gateway (once; Maven fetches its packages)")
        _build([maven, "-B", "-q", "-f", folder / "pom.xml", f"-Dbench.target={target}", "clean", "package"],
               cache / "spring-cloud-gateway.log", {**os.environ, "JAVA_HOME": tools.java_home})
        _remember(target, folder)
    pom = (folder / "pom.xml").read_text()
    boot = re.search(r"spring-boot-starter-parent</artifactId>\s*<version>([^<]+)", pom).group(1)
    cloud = re.search(r"<spring-cloud.version>([^<]+)", pom).group(1)
    names = _output(["unzip", "-Z1", jar]) if _program("unzip") else ""
    server = re.search(r"spring-cloud-gateway-server-webflux-([\d.]+)\.jar", names or "")
    tools.versions["scg"] = f"{server.group(1) + ', ' if server else ''}Spring Cloud {cloud}, Spring Boot {boot}"
    tools.gateway = jar


def _fastapi(root: Path, cache: Path, tools: Tools, say) -> None:
    requirements = root / "bench" / "peers" / "fastapi" / "requirements.txt"
    target = cache / "fastapi"
    python = target / "venv" / "bin" / "python"
    if _changed(target, requirements) or not python.exists():
        say("installing FastAPI, httpx and uvicorn (once)")
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        log = cache / "fastapi.log"
        _build([sys.executable, "-m", "venv", target / "venv"], log)
        _build([python, "-m", "pip", "install", "--quiet", "--requirement", requirements], log)
        _remember(target, requirements)
    pins = dict(re.findall(r"^([\w-]+)==(\S+)", requirements.read_text(), re.M))
    named = ", ".join(f"{name} {pins[name]}" for name in ("fastapi", "httpx", "uvicorn", "uvloop"))
    tools.versions["fastapi"] = f"{named}, Python {sys.version.split()[0]}"
    tools.fastapi = python


def _haproxy(tools: Tools) -> None:
    haproxy = _program("haproxy")
    if not haproxy:
        raise Failed("haproxy is not on the PATH: install it (2.4 or newer, for json_query).")
    version = _first_line([haproxy, "-v"])
    number = re.search(r"version (\d+)\.(\d+)", version)
    if number and (int(number.group(1)), int(number.group(2))) < (2, 4):
        raise Failed(f"{version.split(' - ')[0]} has no json_query: install 2.4 or newer.")
    tools.versions["haproxy"] = version.split(" - ")[0]
    tools.haproxy = haproxy


def _jdk_parts(root: Path, cache: Path, tools: Tools) -> None:
    if not tools.java_home:
        raise Failed("no JDK 25 was found: install one and set JAVA_HOME.")
    classes = cache / "jdk-parts"
    source = root / "bench" / "peers" / "jdk-parts" / "JdkParts.java"
    _build([Path(tools.java_home) / "bin" / "javac", "-d", classes, source], cache / "jdk-parts.log")
    tools.jdk_parts = classes


def _load_generator(root: Path, cache: Path, go: str, say) -> Path:
    source, target = root / "bench" / "load", cache / "load"
    folder = cache / "load.state"
    if _changed(folder, source) or not target.exists():
        say("building the constant-rate load generator")
        _build([go, "build", "-C", source, "-o", target, "."], cache / "load.log")
        folder.mkdir(exist_ok=True)
        _remember(folder, source)
    return target


def digest(source: Path) -> str:
    files = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
    total = hashlib.sha256()
    for file in files:
        total.update(str(file.relative_to(source.parent)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _changed(target: Path, source: Path) -> bool:
    mark = target / "source.sha256"
    return not mark.exists() or mark.read_text() != digest(source)


def _remember(target: Path, source: Path) -> None:
    (target / "source.sha256").write_text(digest(source))


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")


def _build(command, log: Path, environment=None) -> None:
    with open(log, "w") as out:
        done = subprocess.run([str(c) for c in command], stdout=out, stderr=out, env=environment, check=False)
    if done.returncode != 0:
        lines = [line for line in log.read_text(errors="replace").splitlines() if "ERROR" in line]
        raise Failed(f"its set-up failed, see {log.name} in target/bench: {(lines or [''])[0][:300]}")


def _output(command) -> str | None:
    try:
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _first_line(command, accept: int = 0) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, accept):
        raise Failed(f"{command[0]} does not run: {done.stderr.strip()[:200]}")
    return (done.stdout + done.stderr).strip().splitlines()[0]
