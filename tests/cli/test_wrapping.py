from __future__ import annotations

import pytest

from salesforce_mcp.cli.wrapping import wrapped

ADDRESS = "https://login.salesforce.com/services/oauth2/authorize"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("exactly 10\n\nnext", ["exactly 10", "", "next"]),
        (f"at {ADDRESS} now", ["at", ADDRESS, "now"]),
        ("帳號 客戶名稱", ["帳號", "客戶名稱"]),
        ("\x1b[1;31mNOT\x1b[0m found it", ["\x1b[1;31mNOT\x1b[0m found", "it"]),
        (
            "SELECT Nme FROM Account\n       ^\nno such column",
            ["SELECT Nme FROM Account", "       ^", "no such", "column"],
        ),
        ('{\n  "command": "/full/path"\n}', ["{", '  "command": "/full/path"', "}"]),
    ],
)
def test_lines_break_between_words(text: str, lines: list[str]) -> None:
    assert wrapped(text, 10).split("\n") == lines
