"""A demo org over https, as clients need it that others wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from salesforce_mcp.demo.local import DemoOrg

SCALE = 3000
"""Enough rows for queries of several pages by clients that can't ask for smaller ones."""


@dataclass(frozen=True)
class KeyPair:
    """A private key in a file, and its public half as PEM."""

    private: Path
    public: str


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrg]:
    with DemoOrg(tmp_path_factory.mktemp("demo"), tls=True, scale=SCALE) as org:
        yield org


@pytest.fixture(scope="package")
def keys(demo: DemoOrg, tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    """For the JWT bearer flow; the demo org's app knows the public half."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    private = tmp_path_factory.mktemp("keys") / "server.key"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    pair = KeyPair(private, public.decode())
    change = {"client_id": demo.client_id, "certificate": pair.public}
    answer = requests.post(f"{demo.instance_url}/demo/apps", json=change, timeout=20, verify=str(demo.certificate))
    assert answer.ok, answer.text
    return pair
