"""The alert rules: on series that exist, tested both ways, with links that lead somewhere."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from alerts import RULES, Rule, alerts, cases, extractor, promtool, rules, scenario_files
from metrics_used import ROOT, Unreadable, catalogue, problems, selectors

SEVERITIES = {"critical", "warning", "info"}
COMPONENTS = {"router", "cell", "platform", "slo"}


def of_rules(which: list[Rule]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rule", which, ids=lambda rule: f"{rule.file}-{rule.name}")


def of_alerts() -> pytest.MarkDecorator:
    return of_rules(alerts())


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alert-rules")
    extractor().extract(folder, with_tests=True)
    return folder


def test_promtool_accepts_every_rule(extracted: Path) -> None:
    files = [f"rules/{path.name}" for path in sorted((extracted / "rules").glob("*.yaml"))]
    assert len(files) >= 8
    ran = promtool("check", "rules", "--lint=all", "--lint-fatal", *files, cwd=extracted)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("file", scenario_files())
def test_promtool_tests_pass(file: str, extracted: Path) -> None:
    ran = promtool("test", "rules", file, cwd=extracted / "tests")
    assert ran.returncode == 0, ran.stdout + ran.stderr


@of_alerts()
def test_fires_in_one_test_and_is_silent_in_another(rule: Rule) -> None:
    own = [case for file in scenario_files() for case in cases(file) if case["alertname"] == rule.name]
    assert any(case["exp_alerts"] for case in own), "no test in which it fires"
    # Silent before its time is up does not count: another scenario, with series to look at.
    fires_in = {case["scenario"] for case in own if case["exp_alerts"]}
    silent = [c for c in own if not c["exp_alerts"] and c["series"] and c["scenario"] not in fires_in]
    assert silent, "no test in which it stays silent on healthy series"


def test_tests_name_alerts_that_exist() -> None:
    tested = {case["alertname"] for file in scenario_files() for case in cases(file)}
    assert tested <= {rule.name for rule in alerts()}


def test_names_are_unique() -> None:
    names = [rule.name for rule in alerts()]
    assert sorted(names) == sorted(set(names))


@of_rules(list(rules()))
def test_reads_only_series_that_exist(rule: Rule) -> None:
    assert problems(rule.expr, catalogue()) == []


# The job is the name of the Service: docs/deployment.md.
JOBS = {"cell-router", "nginx-.+"}


@of_rules(list(rules()))
def test_says_whose_series_it_means(rule: Rule) -> None:
    for selector in selectors(rule.expr):
        name = str(selector.name)
        jobs = {matcher.value for matcher in selector.matchers.matchers if matcher.name == "job"}
        if name.startswith(("router_", "jvm_", "process_", "nginx_")) or name == "up":
            assert jobs and jobs <= JOBS, name


@of_rules(list(rules()))
def test_names_only_reasons_of_the_readme(rule: Rule) -> None:
    table = (ROOT / "README.md").read_text().split("<!-- reasons -->")[1].split("<!-- /reasons -->")[0]
    known = set(re.findall(r"^\| \d+ \| `(\w+)`", table, re.M))
    assert len(known) > 20
    for selector in selectors(rule.expr):
        for matcher in selector.matchers.matchers:
            if matcher.name == "reason":
                assert set(matcher.value.split("|")) <= known


@of_alerts()
def test_says_who_should_care_and_why(rule: Rule) -> None:
    assert rule.body["labels"]["severity"] in SEVERITIES
    assert rule.body["labels"]["component"] in COMPONENTS
    assert rule.annotation("summary").endswith(".")
    assert len(rule.annotation("description")) > 40
    labels = set(re.findall(r"\$labels\.(\w+)", rule.annotation("summary") + rule.annotation("description")))
    if rule.expr.startswith(("sum(", "count(", "(\n  sum(", "absent(", "max(")):
        assert not labels, "an aggregate over everything has no labels to show"


@of_alerts()
def test_runbook_exists(rule: Rule) -> None:
    prefix, _, anchor = rule.annotation("runbook_url").partition("#")
    assert prefix.startswith("REPOSITORY/blob/main/alert-rules/runbooks/")
    assert anchor == rule.name.lower()
    text = (ROOT / prefix.removeprefix("REPOSITORY/blob/main/")).read_text()
    section = re.search(rf"^## {rule.name}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert section, f"no heading ## {rule.name}"
    assert "**Means**" in section[1] and "**Do**" in section[1]


def test_runbooks_have_no_section_without_an_alert() -> None:
    headings = {h for path in (RULES / "runbooks").glob("*.md") for h in re.findall(r"^## (\w+)$", path.read_text(), re.M)}
    assert headings == {rule.name for rule in alerts()}


@of_alerts()
def test_dashboard_exists(rule: Rule) -> None:
    uid = re.fullmatch(r"/d/([\w-]+)(\?var-cell=\{\{ \$labels\.cell_id \}\})?", rule.annotation("dashboard_url"))
    assert uid, rule.annotation("dashboard_url")
    assert (ROOT / "grafana-dashboards" / f"{uid[1]}.json").exists()


def test_kustomize_sets_namespace_and_the_address_of_the_repository() -> None:
    built = list(yaml.safe_load_all(kustomize_build()))
    assert {o["kind"] for o in built} == {"PrometheusRule"}
    assert {o["metadata"]["namespace"] for o in built} == {"monitoring"}
    assert len(built) == len(extractor().rule_files())
    settings = yaml.safe_load((ROOT / "argocd" / "settings" / "repository.yaml").read_text())["data"]
    base = f"{settings['url'].removesuffix('.git')}/blob/{settings['revision']}/alert-rules/runbooks/"
    links = [r["annotations"]["runbook_url"] for o in built for g in o["spec"]["groups"] for r in g["rules"] if "alert" in r]
    assert len(links) == len(alerts())
    assert all(link.startswith(base) for link in links), links


def kustomize_build() -> str:
    own = ROOT / ".tools" / "bin" / "kustomize"
    program = str(own) if own.exists() else "kustomize"
    return subprocess.run([program, "build", str(RULES)], capture_output=True, text=True, timeout=60, check=True).stdout


def test_limits_are_those_of_the_files_they_come_from() -> None:
    nginx = (ROOT / "manifests" / "base" / "cell" / "nginx.conf").read_text()
    assert "worker_processes 1;" in nginx and "worker_connections 1024;" in nginx
    assert "/ 1024 >" in expr_of("NginxConnectionsNearLimit")


def expr_of(alert: str) -> str:
    return next(rule.expr for rule in alerts() if rule.name == alert)


def test_windows_look_back_as_far_as_their_label_says() -> None:
    windows = [rule for rule in rules() if rule.name == "slo:error_ratio:window" and "[" in rule.expr]
    assert len(windows) == 7
    for rule in windows:
        assert set(re.findall(r"\[(\w+)\]", rule.expr)) == {rule.body["labels"]["window"]}


def test_burn_rate_alerts_count_errors_over_their_long_window() -> None:
    seconds = {"1h": 3600, "6h": 21600, "1d": 86400, "3d": 259200}
    for long, length in seconds.items():
        expr = expr_of(f"ErrorBudgetBurn{long}")
        assert f'window="{long}"' in expr and f"[{long}]) * {length} > 10" in expr


@pytest.mark.parametrize("runbook", sorted((RULES / "runbooks").glob("*.md")), ids=lambda path: path.name)
def test_what_runbooks_point_at_exists(runbook: Path) -> None:
    text = runbook.read_text()
    tasks = yaml.safe_load((ROOT / "Taskfile.yml").read_text())["tasks"]
    assert set(re.findall(r"`task ([\w-]+)", text)) <= set(tasks)
    for path, anchor in re.findall(r"\]\(([^)#]*)#?([\w-]*)\)", text):
        target = (runbook.parent / path).resolve() if path else runbook
        assert target.exists(), path
        headings = {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in re.findall(r"^#+ (.+)$", target.read_text(), re.M)}
        assert not anchor or anchor in headings, f"{path}#{anchor}"


def test_a_metric_that_nobody_exports_is_noticed() -> None:
    known = catalogue()
    assert problems('rate(router_request_total{job="x"}[5m])', known) == ["nobody exports router_request_total"]
    assert problems('max_over_time(rate(up{colour="red"}[5m])[1h:1m])', known) == ["up has no label colour"]
    assert len(problems('{__name__=~"router_.*"}', known)) == 1
    assert problems('sum by (le) (rate(router_overhead_seconds_bucket{cell_id=~"$cell"}[$__rate_interval]))', known) == []
    with pytest.raises(Unreadable):
        problems("rate(up[5m]", known)
