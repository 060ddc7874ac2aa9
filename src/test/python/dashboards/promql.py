"""Taking an expression apart, so that each part that should always have a value can be looked at alone."""

from __future__ import annotations

import re

import promql_parser as p

COMPARISONS = {"==", "!=", ">", "<", ">=", "<="}


def parts(expression: str) -> list[str]:
    """What must have values wherever the expression is of any use.

    A comparison drops series, so an alert that is silent and a panel without errors have none, by nature. Its operands
    have: ``a > 0.1 and b == 0`` becomes ``a and b``, and a comparison of two vectors becomes their difference, so that
    labels which never match are found out too. ``absent(a)`` becomes ``a``, and of ``unless`` and ``or`` each side is
    looked at alone. A shift into the past is left out: it reads the same series.
    """
    tree = p.parse(expression)
    return list(dict.fromkeys(re.sub(r" offset -?\w+", "", text) for text in _parts(tree) + _inside_scalars(tree)))


def _parts(node: p.Expr) -> list[str]:
    if not _drops(node):
        return [str(node)]
    if isinstance(node, p.ParenExpr):
        return [f"({each})" for each in _parts(node.expr)]
    if isinstance(node, p.BinaryExpr):
        return _binary(node)
    if isinstance(node, p.Call):
        return _call(node)
    if isinstance(node, p.AggregateExpr | p.UnaryExpr | p.SubqueryExpr):
        return [str(node).replace(str(node.expr), each) for each in _parts(node.expr)]
    return [str(node)]


def _drops(node: object) -> bool:
    """Whether series may be missing from the result although all that it reads is there."""
    if isinstance(node, p.BinaryExpr):
        op = _operator(node)
        if op in ("or", "unless") or (op in COMPARISONS and not _bool(node)):
            return True
        return _drops(node.lhs) or _drops(node.rhs)
    if isinstance(node, p.Call):
        return node.func.name.startswith("absent") or any(_drops(a) for a in node.args)
    if isinstance(node, p.ParenExpr | p.AggregateExpr | p.UnaryExpr | p.SubqueryExpr):
        return _drops(node.expr)
    return False


def _binary(node: p.BinaryExpr) -> list[str]:
    op = _operator(node)
    left, right = _parts(node.lhs), _parts(node.rhs)
    if op in ("or", "unless"):
        return left + right
    if op in COMPARISONS:
        if _is_scalar(node.rhs):
            return left
        if _is_scalar(node.lhs):
            return right
        return [f"({a}) - {_matching(node)} ({b})" for a in left for b in right]
    return [f"({a}) {op} {_matching(node)} ({b})" for a in left for b in right]


def _call(node: p.Call) -> list[str]:
    vectors = [a for a in node.args if not isinstance(a, p.StringLiteral | p.NumberLiteral)]
    if node.func.name.startswith("absent"):
        # absent_over_time reads a range, which by itself is no expression for a graph.
        return [text for a in vectors for text in ([f"last_over_time({a})"] if isinstance(a, p.MatrixSelector) else _parts(a))]
    text = str(node)
    for argument in vectors:
        if _drops(argument):
            return [text.replace(str(argument), each) for each in _parts(argument)]
    return [text]


def _operator(node: p.BinaryExpr) -> str:
    return str(node.op)


def _bool(node: p.BinaryExpr) -> bool:
    return bool(node.modifier and node.modifier.return_bool)


def _is_scalar(node: p.Expr) -> bool:
    if isinstance(node, p.ParenExpr | p.UnaryExpr):
        return _is_scalar(node.expr)
    if isinstance(node, p.BinaryExpr):
        return _is_scalar(node.lhs) and _is_scalar(node.rhs)
    return isinstance(node, p.NumberLiteral) or (isinstance(node, p.Call) and node.func.name in ("scalar", "time", "vector"))


def _inside_scalars(tree: p.Expr) -> list[str]:
    """scalar(v) of nothing is not a number, with which nothing compares."""
    found: list[str] = []

    def look(node: p.Expr) -> None:
        if isinstance(node, p.Call) and node.func.name == "scalar":
            found.extend(_parts(node.args[0]))

    p.walk(tree, pre_visit=look)
    return found


def _matching(node: p.BinaryExpr) -> str:
    """on (…), ignoring (…), group_left (…) as they stand in the expression."""
    text = str(node)
    between = text[len(str(node.lhs)) : len(text) - len(str(node.rhs))]
    return between.replace(_operator(node), "", 1).replace("bool", "").strip()
