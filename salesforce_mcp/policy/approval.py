"""Which tools somebody has looked at: approved, pending or denied.

The answers stand in `approvals.json`, beside the policy of the machine and in the user's configuration folder; a tool
runs where every one of them lets it. With each answer stands a fingerprint of the tool as it was then: once its
arguments, its description or its access have changed, the answer no longer counts and the tool is pending. So is, once
there has been a review, a tool that a newer version adds. Before the first review of each file the `approve` of the
policies beside it decides, so that what waits for the machine's review no user approves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from salesforce_mcp.errors import UsageError
from salesforce_mcp.policy import files

if TYPE_CHECKING:
    from salesforce_mcp.policy.files import Layer
    from salesforce_mcp.policy.model import Approved
    from salesforce_mcp.tools.registry import Tool

State = Literal["approved", "pending", "denied"]
_STRICTNESS: tuple[State, ...] = ("approved", "pending", "denied")


@dataclass(frozen=True)
class Book:
    """One file's answers: state and fingerprint by tool. `machine`: for everybody on this machine.

    `unreviewed`: which tools run as long as there are no answers.
    """

    path: Path
    answers: Mapping[str, tuple[State, str]] = field(default_factory=dict)
    machine: bool = False
    unreviewed: Approved = "all"

    def state(self, tool: Tool) -> State:
        """What this file says of the tool."""
        if not self.answers:
            open_ = self.unreviewed == "all" or (self.unreviewed == "reads" and tool.access == "read")
            return "approved" if open_ else "pending"
        state, mark = self.answers.get(tool.name, ("pending", ""))
        return state if state == "denied" or mark == fingerprint(tool) else "pending"


@dataclass(frozen=True)
class Approvals:
    """The answers for the machine and those of the user."""

    books: Sequence[Book] = ()

    @classmethod
    def load(cls, layers: Sequence[Layer] = ()) -> Approvals:
        """Those of the files. Raises UsageError for a file that can't be read."""
        order: tuple[Approved, ...] = ("all", "reads", "none")
        books = []
        for path, machine in files.approvals():
            said = [layer.policy.approve for layer in layers if layer.machine == machine and layer.policy.approve]
            book = read(path, machine=machine)
            books.append(replace(book, unreviewed=max(said, key=order.index, default="all")))
        return cls(books)

    @property
    def active(self) -> bool:
        """Something was reviewed, or waits for a review."""
        return any(book.answers or book.unreviewed != "all" for book in self.books)

    def of(self, *, machine: bool) -> Book:
        """The answers for the machine, or those of the user."""
        return next(book for book in self.books if book.machine == machine)

    def state(self, tool: Tool) -> State:
        """The strictest of all answers."""
        return max((book.state(tool) for book in self.books), key=_STRICTNESS.index, default="approved")

    def refusal(self, tool: Tool) -> str | None:
        """Why the tool may not run, and who can change that; None when it may."""
        state = self.state(tool)
        if state == "approved":
            return None
        machine = any(book.machine and book.state(tool) != "approved" for book in self.books)
        who = "an administrator of this machine" if machine else "you, in a shell,"
        option = " --machine" if machine else ""
        words = "its review is pending" if state == "pending" else "a review denied it"
        return f"{words}; {who} can approve it with `sfmcp tools approve {tool.name}{option}`"


def read(path: Path, *, machine: bool = False) -> Book:
    """A file's answers; without the file, none. Raises UsageError POLICY_FILE for a file that isn't ours."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Book(path, machine=machine)
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    tools = content.get("tools") if isinstance(content, dict) else None
    if not isinstance(tools, dict) or not all(map(_is_answer, tools.values())):
        raise _unreadable(path, "it isn't what `sfmcp tools` writes")
    answers = {name: (entry["state"], str(entry["fingerprint"])) for name, entry in tools.items()}
    return Book(path, answers, machine)


def record(path: Path, tools: Iterable[Tool], state: State, *, before: Mapping[Tool, State]) -> None:
    """Write an answer for these tools. The first answer keeps, for all others, the state that they had `before`.

    Raises UsageError when the file can't be written.
    """
    from salesforce_mcp.policy.locking import locked

    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with locked(path.with_suffix(".lock")):
            answers = dict(read(path).answers)
            if not answers:
                answers = {tool.name: (kept, fingerprint(tool)) for tool, kept in before.items()}
            answers |= {tool.name: (state, fingerprint(tool)) for tool in tools}
            entries = {name: {"state": kept, "fingerprint": mark} for name, (kept, mark) in sorted(answers.items())}
            partial = path.with_suffix(".partial")
            partial.write_text(json.dumps({"tools": entries}, indent=1) + "\n", encoding="utf-8")
            partial.replace(path)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.", code="POLICY_FILE") from error


def fingerprint(tool: Tool) -> str:
    """What a review was about: access, description and arguments."""
    about = [tool.access, tool.description, tool.input_schema]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]


def _is_answer(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("state") in get_args(State) and "fingerprint" in entry


def _unreadable(path: Path, why: str) -> UsageError:
    return UsageError(f"{path} can't be read: {why}.", code="POLICY_FILE", hint="Mend it, or review the tools anew.")
