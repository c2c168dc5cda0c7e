from __future__ import annotations

import json
from pathlib import Path

import pytest

from salesforce_mcp.server.tokens import estimate, fits
from tests.tokens import count

TEXTS = {
    "prose": "The customer says that yesterday's transfer did not arrive and asks to be called back. " * 40,
    "german": "Die Kundin meldet, dass die Überweisung nicht angekommen ist, und bittet um Rückruf. " * 40,
    "russian": "Клиент сообщает, что сумма в счёте указана неверно, просим проверить. " * 40,
    "chinese": "客户报告说发票金额不正确，请尽快核实并回复。" * 40,
    "japanese": "お客様からのお問い合わせです。請求書の金額が間違っているようですので確認してください。" * 40,
    "arabic": "يبلغ العميل أن مبلغ الفاتورة غير صحيح، يرجى التحقق. " * 40,
    "emoji": "🙂🚀🔥✅ " * 40,
    "ids": "\n".join(f"001{n * 7919 % 10**12:012}AAQ,0055g00000{n:05}XyZ" for n in range(100)),
    "dates": "\n".join(f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}T09:{n % 60:02}:00Z" for n in range(200)),
    "numbers": "\n".join(f"{n * 104729 / 100},{n * 7919}" for n in range(200)),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_the_estimate_errs_high_but_not_much(kind: str) -> None:
    exact = count(TEXTS[kind])
    assert 0.98 * exact <= estimate(TEXTS[kind]) <= 3.2 * exact


def test_recorded_answers(samples: Path) -> None:
    ratios = []
    for path in sorted(samples.glob("*/*.json")):
        text = json.dumps(json.loads(path.read_text(encoding="utf-8"))["response"]["body"], separators=(",", ":"))
        if len(text) > 500:
            ratios.append(estimate(text[:20_000]) / count(text[:20_000]))
    ratios.sort()
    assert ratios[len(ratios) // 20] >= 1.0
    assert ratios[len(ratios) // 2] <= 1.35


def test_fits() -> None:
    assert fits("a" * 10, 10)
    assert not fits("word " * 1000, 500)
