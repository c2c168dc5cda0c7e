"""Searches."""

from tests.demo.recordings.replay import Org, Replay

REQUEST = "the guide prints the request's body, not an answer"


def published(org: Org) -> dict[str, str]:
    soql = "SELECT Title FROM KnowledgeArticleVersion WHERE PublishStatus = 'Online' AND Language = 'en_US' LIMIT 1"
    return {"title": org.get("query", q=soql)["records"][0]["Title"]}


CASES: dict[str, Replay | str] = {
    "sosl-doc-get-the-default-search-scope-and-order": Replay(),
    "sosl-doc-search-suggested-article-title-matches": Replay(
        query={"q": "{title}", "language": "en_US", "publishStatus": "Online"}, setup=published
    ),
    "sosl-doc-search-with-parameters-in-the-request-body": REQUEST,
    "sosl-doc-search-with-parameters-in-the-request-body-2": REQUEST,
    "sosl-doc-search-with-parameters-in-the-request-body-3": REQUEST,
    "sosl-doc-search-with-parameters-in-the-request-body-4": REQUEST,
    "sosl-mocksearchresults": Replay(
        query={
            "q": "FIND {A*} IN ALL FIELDS RETURNING Contact(FirstName, LastName, Department), "
            "Account(Name, BillingCity, NumberOfEmployees), Case(CaseNumber)"
        }
    ),
    "sosl-search-records": Replay(query={"q": "FIND {Zyzzyvaquatrain}"}),
    "sosl-search-success-response": Replay(
        path="/services/data/v31.0/search", query={"q": "FIND {A*} RETURNING Account(Id)"}
    ),
}
