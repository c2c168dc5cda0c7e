"""Which steps the platform takes when a record of an object is saved.

`BEFORE` steps fill in columns of the record at hand, `AFTER` ones write other records. They stand for what Salesforce
does by itself, not for triggers of an org.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from salesforce_mcp.demo.behaviour import activities, content, sales, service
from salesforce_mcp.demo.behaviour.save import Save

Step = Callable[[Save], None]

BEFORE: Mapping[str, tuple[Step, ...]] = {
    "Attachment": (content.attachment,),
    "Case": (service.case,),
    "ContentVersion": (content.content_version,),
    "Contract": (sales.contract,),
    "EmailMessage": (service.email_message,),
    "Event": (activities.event,),
    "FeedComment": (content.feed_comment,),
    "FeedItem": (content.feed_item,),
    "Knowledge__kav": (content.article_version,),
    "Opportunity": (sales.opportunity,),
    "OpportunityLineItem": (sales.line_item,),
    "Task": (activities.task,),
    "TopicAssignment": (content.topic_assignment,),
}

AFTER: Mapping[str, tuple[Step, ...]] = {
    "Case": (service.case_comment, service.case_milestones),
    "ContentVersion": (content.content_document,),
    "Opportunity": (sales.opportunity_history,),
    "OpportunityLineItem": (sales.line_item_total,),
}
