"""Knowledge: examples of the guides, since no recordings are known."""

from tests.demo.recordings.replay import Org, Replay

IN_ENGLISH = {"Accept-Language": "en-US"}


def article(org: Org) -> dict[str, str]:
    answer = org.send("GET", "/services/data/v66.0/support/knowledgeArticles", headers=IN_ENGLISH)
    return {"id": str(answer.json()["articles"][0]["id"])}


CASES: dict[str, Replay | str] = {
    "knowledge-doc-articles-details": Replay(
        path="/services/data/v66.0/support/knowledgeArticles/{id}",
        headers=IN_ENGLISH,
        setup=article,
        explained={
            "/(articleType|urlName): answered": "the guide's example is of a version before 44.0",
            "/categoryGroups: recorded 0 items": "the guide's article is in no category",
        },
    ),
    "knowledge-doc-data-category-detail": Replay(
        path="/services/data/v66.0/support/dataCategoryGroups/Product/dataCategories/Generators"
    ),
    "knowledge-doc-get-knowledge-language-settings": Replay(),
    "knowledge-doc-knowledge-actions-2": "an invocable action: see the area actions",
}
