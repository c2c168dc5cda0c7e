"""What Salesforce refuses in queries of its metadata catalogue: EntityDefinition, FieldDefinition, EntityParticle.

Source: Tooling API, "SOQL Operation Limitations"; messages of orgs that people quote. LIMIT works, though the guide
says that it doesn't.
"""

from __future__ import annotations

from collections.abc import Iterator

from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.schema import SObject
from salesforce_mcp.demo.soql_engine import refusals
from salesforce_mcp.soql.syntax import And, Comparison, Condition, FieldPath, Not, Or, Query
from salesforce_mcp.soql.targets import is_aggregate

_ALLOWED = frozenset({"=", "IN", "LIKE", "INCLUDES"})


def check(sobject: SObject, query: Query) -> None:
    """Refuse what the catalogue can't do; other objects can."""
    if sobject.reified is None:
        return
    if is_aggregate(query) or query.group_by is not None:
        raise _unsupported(
            "The requested operation is not yet supported by this SObject storage type, contact salesforce.com support"
            " for more information."
        )
    filtered = {name.lower() for each in _comparisons(query.where) for name in _fields(each)}
    if sobject.reified and not any(name.lower() in filtered for name in sobject.reified):
        wanted = ",".join(sobject.reified)
        raise refusals.malformed(f"{sobject.name}: a filter on a reified column is required [{wanted}]")


def _comparisons(condition: Condition | None) -> Iterator[Comparison]:
    """All comparisons, which must all hold."""
    if condition is None:
        return
    if isinstance(condition, And):
        for each in condition.conditions:
            yield from _comparisons(each)
    elif isinstance(condition, Or):
        raise _unsupported("Disjunctions not supported")
    elif isinstance(condition, Not) or condition.operator not in _ALLOWED:
        raise _unsupported("Only equals comparisons permitted")
    else:
        yield condition


def _fields(comparison: Comparison) -> list[str]:
    """The fields that a comparison filters by: that of EntityDefinition.QualifiedApiName is EntityDefinitionId."""
    if comparison.operator not in ("=", "IN") or not isinstance(comparison.left, FieldPath):
        return []
    *parents, name = comparison.left.names
    return [f"{parents[-1]}Id"] if parents else [name]


def _unsupported(sentence: str) -> ApiError:
    return ApiError(400, "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", sentence)
