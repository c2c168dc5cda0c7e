from __future__ import annotations

from pathlib import Path

from salesforce_mcp.demo.local import DemoOrg
from tests.tools.demo import Demo
from tests.tools.transcript import Transcript


def test_the_answers_of_chatters_tools(tmp_path: Path, update_snapshots: bool) -> None:
    talk = Transcript("chatter", update=update_snapshots)
    with DemoOrg(tmp_path) as org:
        ada, stan = Demo(org), Demo(org, user=1)
        account = ada.structure("create_record", object="Account", data={"Name": "Quoted & Sons"})["id"]
        stans_id = stan.structure("get_chatter_user")["id"]
        talk.ask(stan, "get_chatter_user")
        talk.ask(ada, "list_chatter_users", q="sta")
        message = f'Hi @[{stans_id}], see https://x.example/a?b=1 for #E17 and #[big deal] "soon"'
        talk.ask(ada, "post_to_chatter", subject_id=account, message=message, visibility="InternalUsers")
        post = ada.structure("get_chatter_feed", feed_type="record", subject_id=account)["rows"][0][0]
        talk.ask(stan, "like_feed_element", id=post)
        talk.ask(stan, "post_comment", id=post, message="I'll call <them>")
        talk.ask(ada, "get_feed_element", id=post)
        ada.call("post_to_chatter", subject_id=account, message="Done")
        talk.ask(ada, "get_chatter_feed", feed_type="record", subject_id=account, limit=1)
        talk.ask(stan, "list_chatter_groups")
        private, public = (
            next(row[0] for row in stan.structure("list_chatter_groups")["rows"] if row[1] == name)
            for name in ("Deal Desk", "Service Team")
        )
        talk.ask(stan, "join_chatter_group", id=public)
        talk.ask(stan, "join_chatter_group", id=private)
        talk.ask(stan, "get_chatter_group", id=public)
        talk.ask(stan, "list_topics")
    talk.check()
