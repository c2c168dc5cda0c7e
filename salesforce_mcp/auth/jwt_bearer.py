"""JWT bearer flow (RFC 7523): an assertion signed with the private key whose certificate the app holds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from salesforce_mcp.auth import hosts, tokens
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.errors import SessionError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

LIFETIME = 150
"""Seconds an assertion is valid; Salesforce takes at most three minutes."""

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def obtain(org: Org, secrets: Secrets) -> Grant:
    """Log in. Raises UsageError for a missing setting or an unusable key; SessionError when refused; NetworkError.

    Which audience an org expects can't be told from its address in every case, so the likely ones are tried in turn.
    """
    if not org.client_id or not org.username:
        raise UsageError(
            "The JWT flow needs a client id and a user name.",
            hint="Use --client-id and --username, or SFMCP_CLIENT_ID and SFMCP_USERNAME.",
        )
    key = read_key(org.key_file, secrets.key_passphrase)
    candidates = _audiences(org)
    for audience in candidates:
        assertion = sign(key, {"iss": org.client_id, "sub": org.username, "aud": audience})
        try:
            return tokens.request(org, {"grant_type": GRANT_TYPE, "assertion": assertion})
        except SessionError as refusal:
            if "audience" not in refusal.message.lower() or audience == candidates[-1]:
                raise
    raise AssertionError("There is always an audience to try.")


def read_key(path: str | None, passphrase: str | None) -> RSAPrivateKey:
    """The RSA private key in a PEM file. Raises UsageError that says what is wrong with it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not path:
        raise UsageError(
            "The JWT flow needs the private key.", hint="Name its PEM file with --jwt-key-file or SFMCP_JWT_KEY_FILE."
        )
    file = Path(path).expanduser()
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The key file {file} can't be read: {error.strerror or type(error).__name__}.",
            hint="Check --jwt-key-file or SFMCP_JWT_KEY_FILE.",
        ) from error
    try:
        key = load_pem_private_key(content, passphrase.encode() if passphrase else None)
    except TypeError as error:
        needs = "is encrypted and needs its passphrase" if not passphrase else "is not encrypted and has no passphrase"
        raise UsageError(f"The key file {file} {needs}.", hint="Check SFMCP_JWT_KEY_PASSPHRASE.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(
            f"The key file {file} holds no private key that can be read"
            + (", or the passphrase is wrong." if passphrase else "."),
            hint="It must be PEM, as `openssl genrsa` writes it; it begins with -----BEGIN ... PRIVATE KEY-----.",
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise UsageError(f"The key in {file} is not an RSA key.", hint="Salesforce takes RSA signatures (RS256) only.")
    return key


def is_encrypted(path: str | None) -> bool:
    """Whether the key file is PEM that needs a passphrase; False where it can't be read, which `read_key` explains."""
    try:
        text = Path(path or "").expanduser().read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "ENCRYPTED" in text


def sign(key: RSAPrivateKey, claims: dict[str, str]) -> str:
    """A compact JWS (RFC 7515) with RS256 over the claims and their expiry."""
    import json
    from base64 import urlsafe_b64encode

    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    def encode(data: bytes) -> str:
        return urlsafe_b64encode(data).rstrip(b"=").decode()

    body = {**claims, "exp": int(time.time()) + LIFETIME}
    text = ".".join(encode(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, body))
    return f"{text}.{encode(key.sign(text.encode(), PKCS1v15(), SHA256()))}"


def _audiences(org: Org) -> tuple[str, ...]:
    sandbox = hosts.environment_of(org.login_url) == "sandbox"
    shared = hosts.SANDBOX_LOGIN if sandbox else hosts.PRODUCTION_LOGIN
    return tuple(dict.fromkeys((shared, tokens.login_origin(org))))
