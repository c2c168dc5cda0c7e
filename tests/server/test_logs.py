from __future__ import annotations

import logging

import pytest

from salesforce_mcp.server import logs

SECRETS = [
    "00D5g000004CabcEAC!AQ4AQFake.Token_with-signs.0123456789",
    "00D5g000004Cabc!AQ4AQFakeToken",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
    "5Aep861FakeRefreshToken0123456789._abc",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "Authorization: Bearer {}", "url?sid={}&x=1", "{{'access_token': '{}'}}"])
def test_tokens_are_redacted_wherever_they_stand(secret: str, around: str) -> None:
    assert secret not in logs.redact(around.format(secret))


@pytest.mark.parametrize(
    "text",
    ["client_secret=hunter2", "grant?password=hunter2&x=1", "Bearer hunter2", "?code=hunter2", "assertion=hunter2"],
)
def test_what_is_named_a_secret_is_redacted(text: str) -> None:
    assert "hunter2" not in logs.redact(text)
    assert "[redacted]" in logs.redact(text)


def test_other_text_stays() -> None:
    text = "GET /services/data/v66.0/sobjects/Account/001000000000001AAA took 5 ms"
    assert logs.redact(text) == text


def test_tracebacks_are_redacted_too(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        logs.configure("debug")
        try:
            raise ValueError(f"token {SECRETS[0]}")
        except ValueError:
            logging.getLogger("salesforce_mcp").exception("failed with %s", SECRETS[1])
        assert logging.getLogger("urllib3").level == logging.INFO
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
        for name in ("urllib3", "requests", "keyring", "asyncio"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert not any(secret in written for secret in SECRETS)
