"""Confirming a call through the client: its user is asked; where that can't be, the model gets a preview and a token.

A form is what the protocol has for asking: through 2025-11-25 it is asked while the call waits; in the 2026-07-28 era
the call ends with what is required, and the client calls again with the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from salesforce_mcp.errors import PolicyError
from salesforce_mcp.policy.confirmation import CONFIRM, Confirm, Question, Tokens
from salesforce_mcp.server.text import visible

SCHEMA: types.ElicitRequestedSchema = {
    "type": "object",
    "properties": {CONFIRM: {"type": "boolean", "title": "Go ahead", "description": "Do this in the org"}},
    "required": [CONFIRM],
}
_ASKED = "asked "
"""Before the digest of a question that went to a person: the token of a preview is no answer to it, nor the reverse."""

Answer = TypeVar("Answer")


class _Asking(PolicyError):
    """The user is to be asked."""

    def __init__(self, question: Question) -> None:
        super().__init__("The user is being asked.", code="CONFIRMATION_ASKED")
        self.words = visible(question.text)
        self.digest = question.digest
        self.question = question


class Confirmations:
    """The questions of one server and the tokens of its previews."""

    def __init__(self) -> None:
        self._tokens = Tokens()

    async def through(
        self,
        context: ServerRequestContext[Any],
        params: types.CallToolRequestParams,
        call: Callable[[Confirm], Awaitable[Answer]],
    ) -> Answer | types.InputRequiredResult:
        """Do `call`, which is handed what to confirm with.

        Returns what the client must ask the user before it calls again. Raises what `call` raises, PolicyError where
        the answer is no or is missing.
        """
        try:
            return await call(self._confirm(context, params))
        except _Asking as asking:
            if context.protocol_version in MODERN_PROTOCOL_VERSIONS:
                form = types.ElicitRequestFormParams(message=asking.words, requested_schema=SCHEMA)
                return types.InputRequiredResult(
                    input_requests={CONFIRM: types.ElicitRequest(params=form)},
                    request_state=self._tokens.issue(_ASKED + asking.digest),
                )
            try:
                answer = await context.session.elicit_form(asking.words, SCHEMA, context.request_id)
            except MCPError:  # it can't ask, whatever it declared
                raise self._preview(asking.question) from None
            _check(answer)
            confirmed = asking.digest
        return await call(lambda question: _same(question, confirmed))

    def _confirm(self, context: ServerRequestContext[Any], params: types.CallToolRequestParams) -> Confirm:
        answer = (params.input_responses or {}).get(CONFIRM)
        token = (params.arguments or {}).get(CONFIRM)

        def confirm(question: Question) -> None:
            if answer is not None:
                if not self._tokens.take(params.request_state or "", _ASKED + question.digest):
                    raise _void("The question that this answers is not open any more, or was another one.")
                _check(answer)
            elif _takes_forms(context):
                raise _Asking(question)
            elif token is None:
                raise self._preview(question)
            elif not self._tokens.take(str(token), question.digest):
                raise _void("This token is used up, older than five minutes, or was for other arguments.")

        return confirm

    def _preview(self, question: Question) -> PolicyError:
        token = self._tokens.issue(question.digest)
        return PolicyError(
            f"Nothing was done yet. {question.text}",
            code="CONFIRMATION_REQUIRED",
            hint="If this is what the user wants, call it again with the same arguments and "
            f'"{CONFIRM}": "{token}" within five minutes.',
        )


def _check(answer: object) -> None:
    """Raise PolicyError unless the user said yes."""
    said = answer.content or {} if isinstance(answer, types.ElicitResult) and answer.action == "accept" else {}
    if said.get(CONFIRM) is not True:
        raise PolicyError("The user did not confirm this; nothing was done.", code="NOT_CONFIRMED")


def _same(question: Question, confirmed: str) -> None:
    if question.digest != confirmed:
        raise _void("What is about to be done is not what was confirmed.")


def _void(words: str) -> PolicyError:
    return PolicyError(words, code="CONFIRMATION_VOID", hint=f"Call it again without `{CONFIRM}`.")


def _takes_forms(context: ServerRequestContext[Any]) -> bool:
    """A bare `elicitation` capability means forms; one that names links alone doesn't."""
    declared = context.session.client_capabilities
    asked = declared.elicitation if declared else None
    return asked is not None and (asked.form is not None or asked.url is None)
