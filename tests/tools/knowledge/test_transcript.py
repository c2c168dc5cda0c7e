from __future__ import annotations

from pathlib import Path

from salesforce_mcp.demo.local import DemoOrg
from tests.tools.demo import Demo
from tests.tools.transcript import Transcript


def test_the_answers_of_knowledges_tools(tmp_path: Path, update_snapshots: bool) -> None:
    talk = Transcript("knowledge", update=update_snapshots)
    with DemoOrg(tmp_path) as org:
        ada = Demo(org)
        talk.ask(ada, "list_knowledge_articles", q="battery OR vibration")
        talk.ask(ada, "list_knowledge_articles", page_size=1, language="de", channel="Pkb")
        talk.ask(ada, "list_knowledge_articles", status="Archived")
        article = ada.structure("list_knowledge_articles", q="vibration")["rows"][0][0]
        talk.ask(ada, "get_knowledge_article", article_id=article)
        fields = {"Summary": "Line one\nline two", "Answer__c": "<p>50% & more</p>"}
        made = ada.structure("create_knowledge_article", title="Quiet mode", url_name="quiet-mode", fields=fields)
        article = made["article_id"]
        talk.ask(ada, "update_knowledge_article", article_id=article, title="Quiet mode, explained")
        talk.ask(ada, "publish_knowledge_article", article_id=article)
        talk.ask(ada, "create_article_draft", article_id=article)
        talk.ask(ada, "publish_knowledge_article", article_id=article, major=True)
        talk.ask(ada, "archive_knowledge_article", article_id=article)
        talk.ask(ada, "restore_knowledge_article", article_id=article, version_number=1)
        talk.ask(ada, "delete_knowledge_article", article_id=article)
        talk.ask(ada, "search_suggestions", q="err", language="en_US")
        talk.ask(ada, "suggest_article_titles", q="error", language="en_US", publish_status="Online")
    talk.check()
