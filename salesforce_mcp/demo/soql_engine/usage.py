"""What running a query or search leaves behind: records that count as looked at, articles that count a view.

Source: SOQL and SOSL Reference, "FOR VIEW and FOR REFERENCE", "UPDATE VIEWSTAT".
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo import recent
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.schema import SObject
from salesforce_mcp.demo.soql_engine.find import ARTICLES
from salesforce_mcp.soql.search_syntax import Search
from salesforce_mcp.soql.syntax import Query


def note(context: RequestContext, sobject: SObject, asked: Query | Search, records: list[dict[str, Any]]) -> None:
    """Note what a statement's clauses say of the records that it shows. UPDATE TRACKING shows nowhere."""
    ids = [record["attributes"]["url"].rpartition("/")[2] for record in records]
    if isinstance(asked, Query) and {"VIEW", "REFERENCE"} & set(asked.for_):
        with context.store.transaction():
            for record_id in ids:
                recent.mark(context, sobject, record_id, viewed="VIEW" in asked.for_)
    if "VIEWSTAT" in asked.update and sobject.name in ARTICLES:
        counted = (
            "UPDATE Knowledge__kav SET ArticleTotalViewCount = coalesce(ArticleTotalViewCount, 0) + 1 WHERE Id = ?"
        )
        with context.store.transaction() as connection:
            connection.executemany(counted, [(record_id,) for record_id in ids])
