"""FORMAT(): numbers, currencies, dates and times as the user's locale writes them.

Source: SOQL and SOSL Reference, "FORMAT()". The patterns are those of the Unicode locales that Salesforce uses since
Winter '20; locales that aren't listed are written like their language's, or else like English of the United States.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from salesforce_mcp.demo.schema import NUMBER_TYPES
from salesforce_mcp.demo.soql_engine.shapes import Convert

_NARROW_SPACE = "\u202f"
_NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True, slots=True)
class Style:
    """How a locale writes: signs in numbers, and patterns whose fields `_fill` knows."""

    group: str
    point: str
    day: str
    clock: str
    between: str
    money: str
    """`{symbol}` and `{amount}` in their order."""


_US = Style(",", ".", "{m}/{d}/{y}", "{h12}:{mm} {ampm}", ", ", "{symbol}{amount}")
_STYLES = {
    "en_US": _US,
    "en": Style(",", ".", "{dd}/{mo}/{y}", "{hh}:{mm}", ", ", "{symbol}{amount}"),
    "de": Style(".", ",", "{dd}.{mo}.{y}", "{hh}:{mm}", ", ", f"{{amount}}{_NO_BREAK_SPACE}{{symbol}}"),
    "fr": Style(_NARROW_SPACE, ",", "{dd}/{mo}/{y}", "{hh}:{mm}", " ", f"{{amount}}{_NO_BREAK_SPACE}{{symbol}}"),
    "es": Style(".", ",", "{d}/{m}/{y}", "{h}:{mm}", ", ", f"{{amount}}{_NO_BREAK_SPACE}{{symbol}}"),
    "ja": Style(",", ".", "{y}/{mo}/{dd}", "{h}:{mm}", " ", "{symbol}{amount}"),
}
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def formatter(kind: str, scale: int, locale: str, zone: ZoneInfo, currency: str) -> Convert:
    """The function that writes values of one field; every value becomes text."""
    style = _STYLES.get(locale) or _STYLES.get(locale[:2]) or _US

    def write(value: Any) -> str:
        if kind == "currency":
            sign = "-" if value < 0 else ""
            money = style.money.format(
                symbol=_SYMBOLS.get(currency, f"{currency} "), amount=_number(abs(value), 2, style)
            )
            return sign + money
        if kind == "percent":
            return _number(value, scale, style) + "%"
        if kind in NUMBER_TYPES:
            return _number(value, scale, style)
        if kind == "date":
            return _fill(style.day, datetime.combine(date.fromisoformat(value), datetime.min.time()))
        if kind == "time":
            return _fill(style.clock, datetime.strptime(value, "%H:%M:%S.%fZ").replace(tzinfo=UTC))
        if kind == "datetime":
            local = datetime.fromisoformat(value[:23]).replace(tzinfo=UTC).astimezone(zone)
            return _fill(style.day + style.between + style.clock, local)
        return str(value)

    return write


def _number(value: float, scale: int, style: Style) -> str:
    text = f"{value:,.{scale}f}"
    return text.replace(",", "\0").replace(".", style.point).replace("\0", style.group)


def _fill(pattern: str, moment: datetime) -> str:
    return pattern.format(
        y=moment.year,
        m=moment.month,
        mo=f"{moment.month:02d}",
        d=moment.day,
        dd=f"{moment.day:02d}",
        h=moment.hour,
        hh=f"{moment.hour:02d}",
        h12=moment.hour % 12 or 12,
        mm=f"{moment.minute:02d}",
        ampm="AM" if moment.hour < 12 else "PM",
    )
