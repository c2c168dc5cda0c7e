"""The keyring of the operating system, where the secrets of logins are kept, and nowhere else.

One entry an alias: service `sfmcp:ALIAS`, as JSON. Windows Credential Manager takes 1,280 characters an entry, less
than an access token can have; what a keyring refuses as too long is split. The parts are written before the entry that
names them, under the one of two generations that it doesn't name yet, so that an interruption leaves the old secrets.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from salesforce_mcp import folders
from salesforce_mcp.auth.grant import Secrets
from salesforce_mcp.errors import SessionError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

PART = 1200
"""Characters a part; the JSON is ASCII, so these are UTF-16 units too."""

_USER = "session"
_GENERATIONS = ("a", "b")
_REMEMBERED = "keyring-backend"
_WITHOUT = (
    "Without one, give the session by environment: SFMCP_ACCESS_TOKEN with SFMCP_INSTANCE_URL, or the variables of "
    "the JWT or client credentials flow."
)

T = TypeVar("T")


class DamagedEntry(SessionError):
    """What the keyring has of a login isn't what was put there."""


def load(alias: str) -> Secrets | None:
    """The secrets of a login; None when there are none. Raises SessionError when the keyring can't be used."""
    head = _head(alias)
    if head is None:
        return None
    try:
        if "parts" in head:
            pieces = [_get(_part(alias, head["generation"], number)) for number in range(head["parts"])]
            if None in pieces:
                return None
            head = _parsed(alias, "".join(piece or "" for piece in pieces))
        return Secrets(**head)
    except (TypeError, KeyError):
        raise _unreadable(alias) from None


def save(alias: str, secrets: Secrets) -> None:
    """Keep the secrets of a login in the place of the former ones. Raises SessionError; the former ones then remain."""
    head = _head(alias) or {}
    text = json.dumps({name: value for name, value in asdict(secrets).items() if value})
    try:
        _set(_service(alias), text)
    except SessionError:
        if len(text) <= PART:
            raise
        _save_parts(alias, text, generation=_GENERATIONS[head.get("generation") == _GENERATIONS[0]])
    if "parts" in head:
        _delete_parts(alias, head["generation"])


def delete(alias: str) -> bool:
    """Forget the secrets of a login; False when there were none. Raises SessionError when the keyring can't be used."""
    found = _delete(_service(alias))
    for generation in _GENERATIONS:
        _delete_parts(alias, generation)
    return found


def describe() -> str:
    """The keyring in use, for people. Raises SessionError when there is none that may be used."""
    backend = _backend()
    return f"{backend.name} ({_path(backend)})"


@cache
def _backend() -> KeyringBackend:
    """The keyring that the user chose, else the one used last time, else the best there is.

    Looking for the best imports every backend and asks each whether it works, which takes a tenth of a second: so its
    name is remembered in the state folder.
    """
    from keyring import core

    _find_session_bus()
    chosen = _ask(lambda: core.load_env() or core.load_config())
    if chosen:
        return _checked(chosen)
    note = folders.state_dir() / _REMEMBERED
    try:
        return core.load_keyring(note.read_text(encoding="utf-8").strip())
    except (OSError, ValueError, ImportError, AttributeError, RuntimeError):
        pass  # none remembered, or it no longer works here
    found = _ask(core.get_keyring)
    if type(found).__module__ == "keyring.backends.chainer":
        found = next((each for each in _chained(found) if not _objection(each)), found)
    backend = _checked(found)
    with suppress(OSError):  # it is looked for again the next time
        folders.write_private(note, _path(backend).encode())
    return backend


def _find_session_bus() -> None:
    """Name the session's D-Bus where its variable is missing, as it is for servers that an AI client starts.

    Its place is the one that systemd and GLib look at too; the library that keyring uses knows the variable alone.
    """
    if sys.platform == "linux" and "DBUS_SESSION_BUS_ADDRESS" not in os.environ:
        bus = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", "bus")
        if bus.is_socket():
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={bus}"


def _chained(chainer: Any) -> list[KeyringBackend]:
    """The backends behind keyring's chainer, the best first. One is enough: two would keep old secrets."""
    return list(chainer.backends)


def _checked(backend: KeyringBackend) -> KeyringBackend:
    objection = _objection(backend)
    if objection:
        raise objection
    return backend


def _objection(backend: KeyringBackend) -> SessionError | None:
    module = type(backend).__module__
    if module == "keyring.backends.fail":
        return SessionError(
            "This machine has no keyring to keep the session in.",
            code="NO_KEYRING",
            hint="On Linux start a Secret Service (gnome-keyring, KWallet or KeePassXC; on a server inside "
            f"`dbus-run-session`). {_WITHOUT}",
        )
    if module == "keyring.backends.null":
        return SessionError(
            "The keyring is switched off (keyring.backends.null).",
            code="NO_KEYRING",
            hint=f"Remove it from PYTHON_KEYRING_BACKEND or keyringrc.cfg. {_WITHOUT}",
        )
    if module.partition(".")[0] == "keyrings" and module.startswith("keyrings.alt"):
        return SessionError(
            f"The keyring {_path(backend)} keeps secrets in files; sfmcp does not put any there.",
            code="INSECURE_KEYRING",
            hint="Use the keyring of the operating system: remove the other one from PYTHON_KEYRING_BACKEND or "
            f"keyringrc.cfg, or start a Secret Service. {_WITHOUT}",
        )
    return None


def _ask(question: Callable[[], T]) -> T:
    """Run something of a keyring backend. Backends raise whatever their operating system does."""
    from keyring import errors

    try:
        return question()
    except (errors.KeyringLocked, errors.InitError) as error:
        raise SessionError(
            "The keyring is locked, or was never set up.",
            code="KEYRING_LOCKED",
            hint=f"Unlock it (log in to the desktop, or answer its prompt) and try again. {_WITHOUT}",
            retryable=True,
        ) from error
    except (ImportError, AttributeError) as error:
        named = os.environ.get("PYTHON_KEYRING_BACKEND")
        raise SessionError(
            f"The keyring {named or 'in keyringrc.cfg'} can't be loaded.",
            code="NO_KEYRING",
            hint="Check PYTHON_KEYRING_BACKEND, or unset it.",
        ) from error
    except Exception as error:
        raise SessionError(
            f"The keyring does not work ({type(error).__name__}).",
            code="KEYRING",
            hint=f"`sfmcp doctor` says which keyring is used. {_WITHOUT}",
        ) from error


def _head(alias: str) -> dict[str, Any] | None:
    text = _get(_service(alias))
    return None if text is None else _parsed(alias, text)


def _parsed(alias: str, text: str) -> dict[str, Any]:
    try:
        head = json.loads(text)
    except ValueError:
        head = None
    if not isinstance(head, dict):
        raise _unreadable(alias)
    return head


def _unreadable(alias: str) -> DamagedEntry:
    return DamagedEntry(
        f"The keyring entry {_service(alias)} can't be read.",
        code="KEYRING",
        hint=f"Delete it with `sfmcp logout {alias}`, and log in again.",
    )


def _save_parts(alias: str, text: str, *, generation: str) -> None:
    pieces = [text[start : start + PART] for start in range(0, len(text), PART)]
    for number, piece in enumerate(pieces):
        _set(_part(alias, generation, number), piece)
    _set(_service(alias), json.dumps({"generation": generation, "parts": len(pieces)}))


def _delete_parts(alias: str, generation: str) -> None:
    number = 0
    while _delete(_part(alias, generation, number)):
        number += 1


def _service(alias: str) -> str:
    return f"sfmcp:{alias}"


def _part(alias: str, generation: str, number: int) -> str:
    return f"sfmcp:{alias}:{generation}{number}"


def _get(service: str) -> str | None:
    backend = _backend()
    return _ask(lambda: backend.get_password(service, _USER))


def _set(service: str, text: str) -> None:
    backend = _backend()
    _ask(lambda: backend.set_password(service, _USER, text))


def _delete(service: str) -> bool:
    from keyring import errors

    backend = _backend()

    def delete() -> bool:
        try:
            backend.delete_password(service, _USER)
        except errors.PasswordDeleteError:
            return False
        return True

    return _ask(delete)


def _path(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
