"""Taking expressions apart: what is left must have values in every healthy run."""

import pytest
from promql import parts


@pytest.mark.parametrize(
    "expression, left",
    [
        ("up", ["up"]),
        ("sum(rate(a[5m])) > 0.1", ["sum(rate(a[5m]))"]),
        ("0.1 < a", ["a"]),
        ("a > 2 * 3", ["a"]),
        ('absent(up{job="x"} == 1)', ['up{job="x"}']),
        ("a == 1 and on (cell_id) b == 0", ["(a) and on (cell_id) (b)"]),
        ("a == 1 unless on (x) b", ["a", "b"]),
        ("(a or vector(0)) == 0", ["(a)", "(vector(0))"]),
        ("a > ignoring (v) b", ["(a) - ignoring (v) (b)"]),
        ("a / on (x) group_left () (b > 0)", ["(a) / on (x) group_left () ((b))"]),
        ("count(a == 1) < 2", ["count(a)"]),
        ("a unless a offset 5m", ["a"]),
        ("a > bool 1", ["a > bool 1"]),
        ("a < scalar(count(b))", ["a", "count(b)"]),
        ("a and b", ["a and b"]),
        ("sum by (x) (rate(c[1m]) > 0) / 2", ["(sum by (x) (rate(c[1m]))) /  (2)"]),
    ],
)
def test_parts(expression: str, left: list[str]) -> None:
    def plain(texts: list[str]) -> list[str]:
        return ["".join(t.split()).replace("{}", "") for t in texts]

    assert plain(parts(expression)) == plain(left)
