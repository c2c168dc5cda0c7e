"""Keyrings for tests: in memory, one with the size limit of Windows Credential Manager, and ones that misbehave."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Memory(KeyringBackend):
    """Keeps everything in this process. `entries` maps (service, user) to the secret."""

    priority = 1
    entries: dict[tuple[str, str], str] = {}  # noqa: RUF012 - shared, as keyring makes an instance of its own

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")


class Limited(Memory):
    """Refuses more than 2,560 bytes of UTF-16, as CredWrite does; and the n-th write, to stand for a crash there."""

    fail_at: int | None = None
    writes = 0

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2560:
            raise OSError(1783, "CredWrite", "The stub received bad data")
        type(self).writes += 1
        if self.writes == self.fail_at:
            raise KeyboardInterrupt
        super().set_password(service, username, password)


class Locked(Memory):
    """A keyring whose owner does not unlock it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")


class ReadOnly(Memory):
    """Takes nothing new."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError("the collection is read-only")
