"""IAM's decision: what policy documents say of one action on one resource. Pure: no account, no request, no clock."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

Context = Mapping[str, str]


def allows(documents: Iterable[str], action: str, resource: str, context: Context) -> bool:
    """Whether identity policies grant the action: one Allow that fits, and no Deny that does."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _statements(document)
        if _fits(statement, "Action", action)
        and _fits(statement, "Resource", resource)
        and _conditions_hold(statement, context)
    }
    return effects == {"Allow"}


def admits(document: str, service: str, action: str, context: Context) -> bool:
    """Whether a trust or resource policy lets this AWS service take the action."""
    effects = {
        statement["Effect"]
        for statement in _statements(document)
        if service in _services(statement)
        and _fits(statement, "Action", action)
        and _conditions_hold(statement, context)
    }
    return effects == {"Allow"}


def _statements(document: str) -> list[dict]:
    statements = json.loads(document)["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _services(statement: dict) -> list[str]:
    principal = statement.get("Principal", {})
    return _list(principal.get("Service", [])) if isinstance(principal, dict) else []


def _fits(statement: dict, element: str, value: str) -> bool:
    if f"Not{element}" in statement:
        raise NotImplementedError(f"Not{element} is not understood here, so the decision would be a guess: {statement}")
    # IAM compares actions without regard to case, and resources with it.
    fold = str.lower if element == "Action" else str
    return any(_like(fold(pattern), fold(value)) for pattern in _list(statement[element]))


def _conditions_hold(statement: dict, context: Context) -> bool:
    known = {key.lower(): value for key, value in context.items()}
    return all(
        _holds(operator, known.get(key.lower()), _list(wanted))
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _holds(operator: str, actual: str | None, wanted: list) -> bool:
    name = operator.removesuffix("IfExists").removeprefix("ForAnyValue:")
    if name == "Null":
        return (actual is None) == (str(wanted[0]).lower() == "true")
    if actual is None:
        return operator.endswith("IfExists") or "Not" in name
    match name:
        case "StringEquals":
            return actual in wanted
        case "StringNotEquals":
            return actual not in wanted
        case "StringLike" | "ArnLike" | "ArnEquals":
            return any(_like(pattern, actual) for pattern in wanted)
        case "StringNotLike" | "ArnNotLike" | "ArnNotEquals":
            return not any(_like(pattern, actual) for pattern in wanted)
        case "Bool":
            return actual.lower() == str(wanted[0]).lower()
    raise NotImplementedError(
        f"the condition operator {operator} is not understood here, so the decision would be a guess"
    )


def _like(pattern: str, value: str) -> bool:
    if "${" in pattern:
        raise NotImplementedError(
            f"policy variables are not understood here, so the decision would be a guess: {pattern}"
        )
    return (
        re.fullmatch(
            "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern), value, re.DOTALL
        )
        is not None
    )


def _list(value) -> list:
    return value if isinstance(value, list) else [value]
