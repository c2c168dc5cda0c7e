"""orgs.toml: the orgs that somebody logged in to, by alias, and which of them is the default. It holds no secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args

from salesforce_mcp import folders
from salesforce_mcp.auth.session import Environment
from salesforce_mcp.errors import SessionError, UsageError

Flow = Literal["web", "device", "jwt", "client-credentials", "password", "soap", "sf"]
"""How a login was obtained, and so how it is renewed."""

FILE = "orgs.toml"
RESERVED = "demo"
DEFAULT_PORT = 1717
DEFAULT_SCOPES = ("api", "refresh_token")

_ALIAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,79}")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Org:
    """One login's settings.

    `instance_url`, `username`, `org_id` and `environment` are known once the login succeeded. `login_url` is where
    tokens come from. `key_file` (flow jwt) is the path of the private key, `sf_alias` (flow sf) the name that the
    Salesforce CLI knows the org by. `allowed_hosts` are hosts trusted though they aren't Salesforce's. `api_version`
    is for the user to write: it pins the version used with this org.
    """

    alias: str
    flow: Flow = "web"
    login_url: str
    instance_url: str = ""
    client_id: str | None = None
    username: str | None = None
    org_id: str | None = None
    environment: Environment = "unknown"
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    port: int = DEFAULT_PORT
    key_file: str | None = None
    sf_alias: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    api_version: str | None = None

    @property
    def login_command(self) -> str:
        """What to type to log in to this org again; a login from the environment has no alias."""
        return f"sfmcp login --org {self.alias}" if self.alias else "sfmcp login"

    @property
    def callback_url(self) -> str:
        """The redirect URI; Salesforce compares it to the app's, character by character."""
        return f"http://localhost:{self.port}/OauthRedirect"


@dataclass(slots=True)
class Orgs:
    """What orgs.toml holds."""

    default: str | None = None
    by_alias: dict[str, Org] = field(default_factory=dict)

    def find(self, alias: str) -> Org:
        """The org of this alias. Raises SessionError NO_SESSION that names the aliases there are."""
        if alias in self.by_alias:
            return self.by_alias[alias]
        from salesforce_mcp.soql.suggest import nearest

        known = f"Logged in: {', '.join(self.by_alias)}." if self.by_alias else "Nobody is logged in."
        like = nearest(alias, self.by_alias)
        meant = f"Did you mean {' or '.join(like)}? Otherwise log in" if like else "Log in"
        raise SessionError(
            f"There is no login named {alias!r}. {known}", hint=f"{meant} with `sfmcp login --org {alias}`."
        )

    def put(self, org: Org) -> None:
        """Add or replace an org; the first becomes the default."""
        self.by_alias[org.alias] = org
        self.default = self.default or org.alias

    def remove(self, alias: str) -> None:
        """Forget an org; the default moves to the only one left, if one is left."""
        self.by_alias.pop(alias, None)
        if self.default == alias:
            self.default = next(iter(self.by_alias)) if len(self.by_alias) == 1 else None

    def rename(self, old: str, new: str) -> None:
        """Give an org another alias, in its place. Raises SessionError or UsageError."""
        org = self.find(old)
        check_alias(new)
        if new in self.by_alias:
            raise UsageError(f"There is a login named {new!r} already.", hint="Choose another alias.")
        self.by_alias = {
            (new if alias == old else alias): (replace(org, alias=new) if alias == old else entry)
            for alias, entry in self.by_alias.items()
        }
        if self.default == old:
            self.default = new


def check_alias(alias: str) -> None:
    """Raise UsageError unless this can be an alias."""
    if alias == RESERVED:
        raise UsageError("`demo` is the built-in demo org: it needs no login.", hint="Choose another alias.")
    if not _ALIAS.fullmatch(alias):
        raise UsageError(
            f"{alias!r} can't be an alias.",
            hint="Use letters, digits and . _ @ + - only, at most 80, a letter or digit first.",
        )


def load() -> Orgs:
    """Read orgs.toml; empty when there is none. Raises UsageError that names the file when it can't be understood."""
    import tomllib

    path = folders.config_dir() / FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # as some Windows editors write it
    except FileNotFoundError:
        return Orgs()
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path, str(error)) from error
    try:
        entries = content.get("orgs", {})
        book = Orgs(by_alias={alias: _org(alias, entry) for alias, entry in entries.items()})
        default = content.get("default")
    except (AttributeError, TypeError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    book.default = default if default in book.by_alias else None
    return book


@contextmanager
def changing() -> Iterator[Orgs]:
    """Read orgs.toml, let the caller change it, and write it: one process at a time, all or nothing."""
    from filelock import FileLock

    path = folders.config_dir() / FILE
    with FileLock(path.with_suffix(".lock"), mode=0o600):
        book = load()
        yield book
        folders.write_private(path, _render(book).encode())


def _org(alias: str, entry: dict[str, Any]) -> Org:
    names = [each.name for each in fields(Org) if each.name != "alias" and each.name in entry]
    org = Org(alias=alias, **{name: _value(alias, name, entry[name]) for name in names})
    if org.flow not in get_args(Flow):
        raise ValueError(f"flow of {alias} is none of {', '.join(get_args(Flow))}")
    return org


def _value(alias: str, name: str, value: object) -> Any:
    many = name in ("scopes", "allowed_hosts")
    wanted: type = list if many else int if name == "port" else str
    if not isinstance(value, wanted):
        raise TypeError(f"{name} of {alias} has the wrong type")
    return tuple(map(str, cast("list[object]", value))) if many else value


def _render(book: Orgs) -> str:
    lines = ["# Written by sfmcp. It holds no secret: tokens are in the keyring of the operating system."]
    if book.default:
        lines.append(f"default = {_toml(book.default)}")
    for alias, org in book.by_alias.items():
        key = alias if _BARE_KEY.fullmatch(alias) else _toml(alias)
        lines += ["", f"[orgs.{key}]"]
        for each in fields(Org):
            value = getattr(org, each.name)
            if each.name != "alias" and value not in (None, "", ()):
                lines.append(f"{each.name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: str | int | tuple[str, ...]) -> str:
    """A TOML value. JSON's strings are TOML's but for the DEL character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _unreadable(path: Path, why: str) -> UsageError:
    return UsageError(f"{path} can't be read: {why}.", hint="Mend it, or move it away and log in again.")
