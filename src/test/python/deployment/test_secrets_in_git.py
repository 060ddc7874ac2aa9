"""No secret stands in clear in Git: digests may, sealed Secrets may, keys, passwords and private keys may not."""

import re

import pytest
import yaml
from offline.platform import ENVIRONMENTS, load
from offline.repository import texts

PATTERNS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{64,}",
    "an access key of AWS": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})",
    "a token of GitLab": r"\bglpat-[\w-]{20,}",
    "a token of Slack": r"\bxox[abprs]-[\w-]{20,}",
    "a JSON web token": r"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}",
    "a bcrypt digest of a password": r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}",
    "a password in a URL": r"://[^\s/:@'\"<>${}]+:[^\s/:@'\"<>${}]+@[\w.-]+",
}
# Where only numbers, hashes and the like stand that look like any of the above.
PASSED_OVER = (".svg", ".png", "go.sum", ".json")
# Made up, for tests that such a thing is found.
PLANTED = {
    "src/test/python/deployment/test_secrets_in_git.py: a password in a URL",
    "src/test/python/tools/test_changes.py: a password in a URL",
}


def findings(path: str, text: str) -> list[str]:
    found = [f"{path}: {what}" for what, pattern in PATTERNS.items() if re.search(pattern, text)]
    if path.endswith((".yaml", ".yml")):
        found += [f"{path}: {problem}" for problem in in_yaml(text)]
    return found


def in_yaml(text: str) -> list[str]:
    """A Secret's members, and any value of a member that is called a password or a key and is not left to somebody else."""
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError:
        return []
    found = []
    for o in documents:
        if isinstance(o, dict) and o.get("kind") == "Secret" and (o.get("data") or o.get("stringData")):
            found.append(f"the Secret {o['metadata']['name']} in clear")
        found += [f"{path} = {value!r}" for path, value in members(o) if is_secret(path, value)]
    return found


def members(value: object, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [m for key, inner in value.items() for m in members(inner, f"{path}.{key}")]
    if isinstance(value, list):
        return [m for inner in value for m in members(inner, path)]
    return [(path, value)] if isinstance(value, str) else []


def is_secret(path: str, value: str) -> bool:
    last = path.rpartition(".")[2].lower()
    named = re.fullmatch(r"(.*[_-])?(password|passwd|token|api_?keys?(_json)?|secret_?key|private_?key)", last)
    return bool(named) and bool(value) and not value.startswith("${{") and not re.fullmatch(r"[a-z][a-z-]*", value)


def test_no_file_holds_a_secret() -> None:
    found = [f for path, text in texts().items() if not path.endswith(PASSED_OVER) for f in findings(path, text)]
    assert set(found) == PLANTED


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_secret_is_rendered(environment: str) -> None:
    assert load(environment).of("Secret") == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_key_is_a_setting(environment: str) -> None:
    for o in load(environment).of("ConfigMap"):
        assert "API_KEYS_JSON" not in o.get("data", {})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.yaml", "kind: Secret\nmetadata: {name: x}\nstringData: {a: b}\n"),
        ("x.yaml", "grafana:\n  adminPassword: ''\n  admin_password: Tr0ub4dor&3\n"),
        ("x.yaml", 'data:\n  API_KEYS_JSON: \'{"9f8e7d":"alice"}\'\n'),
        ("x.sh", "-----BEGIN EC PRIVATE KEY-----\n" + "MHcCAQEEIA" * 8),
        ("x.md", "curl https://admin:hunter2@argocd.example.com/"),
        ("x.md", "ghp_" + "a1B2" * 9),
        ("x.yaml", "admin.password: $2a$10$" + "abcdefghij" * 5 + "abc"),
    ],
)
def test_a_planted_secret_is_found(path: str, text: str) -> None:
    assert findings(path, text)


@pytest.mark.parametrize(
    "text",
    [
        "kind: SealedSecret\nspec: {encryptedData: {api-keys.json: AgBy3i4OJSWK}}\n",
        "kind: Secret\nmetadata: {name: x}\n",
        "env:\n  TOKEN: ${{ secrets.GITHUB_TOKEN }}\n",
        "admin: {existingSecret: grafana-admin, passwordKey: admin-password}\n",
    ],
)
def test_what_is_no_secret_is_let_be(text: str) -> None:
    assert findings("x.yaml", text) == []
