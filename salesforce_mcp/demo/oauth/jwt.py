"""JSON Web Tokens, RS256 (RFC 7519): reading those of clients, and signing the org's own."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

import orjson

from salesforce_mcp.demo import state

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from salesforce_mcp.demo.store import Store

_KIND, _KEY = "key", "signing"
KEY_ID = "248"


def read(token: str) -> dict[str, Any]:
    """The claims, nothing verified; raises ValueError for what is no JWT."""
    try:
        _, payload, _ = token.split(".")
        claims = orjson.loads(_decode(payload))
    except (ValueError, binascii.Error) as error:
        raise ValueError("not a JSON Web Token") from error
    if not isinstance(claims, dict):
        raise ValueError("the claims are no object")
    return claims


def verify(token: str, pem: str) -> None:
    """Check the signature against a PEM certificate or public key; raises ValueError."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    signed, _, signature = token.rpartition(".")
    header = orjson.loads(_decode(signed.partition(".")[0]))
    if header.get("alg") != "RS256":
        raise ValueError("not signed with RS256")
    data = pem.encode("ascii")
    key = x509.load_pem_x509_certificate(data).public_key() if b"CERTIFICATE" in data else load_pem_public_key(data)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")
    try:
        key.verify(_decode(signature), signed.encode("ascii"), PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise ValueError("the signature is wrong") from error


def sign(store: Store, claims: dict[str, Any], *, kind: str = "JWT") -> str:
    """A token signed with the org's own key."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    header = {"alg": "RS256", "kid": KEY_ID, "typ": "JWT", "tty": kind, "ver": "1.0"}
    signed = f"{_encode(orjson.dumps(header))}.{_encode(orjson.dumps(claims))}"
    signature = _signing_key(store).sign(signed.encode("ascii"), PKCS1v15(), SHA256())
    return f"{signed}.{_encode(signature)}"


def public_keys(store: Store) -> dict[str, Any]:
    """The org's key as a JSON Web Key Set (RFC 7517)."""
    numbers = _signing_key(store).public_key().public_numbers()

    def integer(value: int) -> str:
        return _encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))

    key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": integer(numbers.n), "e": integer(numbers.e)}
    return {"keys": [key]}


def _signing_key(store: Store) -> RSAPrivateKey:
    """Made when first needed, since most orgs never sign anything; it guards nothing but the demo's own data."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    with store.transaction():
        saved = state.get(store, _KIND, _KEY)
        if saved is None:
            key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            state.put(store, _KIND, _KEY, {"pem": pem.decode("ascii")})
            return key
    loaded = serialization.load_pem_private_key(saved["pem"].encode("ascii"), None)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise TypeError("the org's signing key is no RSA key")
    return loaded


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
