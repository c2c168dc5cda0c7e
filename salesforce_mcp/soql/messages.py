"""Salesforce's error messages about a statement: an excerpt of it, a caret, row and column, then the sentence.

The format is learned from recorded answers of orgs. Around the place of the error thirty characters are shown on
either side, widened to whole words (blanks and commas part them) and never beyond the row:

    <empty line>
    BillingPostalCode FROM Account WHERE Id = '53'
                                         ^
    ERROR at Row:1:Column:70
    invalid ID field: 53

Columns count from 1, but a syntax error comes with the column counted from 0, and so its caret stands one place to the
left of the token.
"""

from __future__ import annotations

from salesforce_mcp.errors import ArgumentError

_REACH = 30
_PARTS_WORDS = frozenset(" \t\r\f\v,")


class SoqlError(ArgumentError):
    """Salesforce would refuse this statement, with this code and message.

    `message` is the whole text as Salesforce sends it, `sentence` only its last part. `row` and `column` are those of
    the message, `offset` is the character in the statement; all three are None where the message has no position.
    """

    default_code = "MALFORMED_QUERY"
    columns_from = 1

    def __init__(self, sentence: str, *, soql: str = "", offset: int | None = None, code: str | None = None) -> None:
        message = sentence
        self.row: int | None = None
        self.column: int | None = None
        if offset is not None:
            message = locate(soql, offset, sentence, columns_from=self.columns_from)
            self.row, self.column = row_and_column(soql, offset, columns_from=self.columns_from)
        super().__init__(message, code=code)
        self.sentence = sentence
        self.offset = offset


class SoqlSyntaxError(SoqlError):
    """The statement is not SOQL (or SOSL). `token` is the text that was not expected, or `<EOF>`."""

    columns_from = 0

    def __init__(self, sentence: str, *, soql: str = "", offset: int | None = None, token: str | None = None) -> None:
        super().__init__(sentence, soql=soql, offset=offset)
        self.token = token


def locate(soql: str, offset: int, sentence: str, *, columns_from: int = 1) -> str:
    """The message that points at `soql[offset]`; `columns_from` 0 is the way of syntax errors."""
    row, column = row_and_column(soql, offset, columns_from=columns_from)
    line = soql.split("\n")[row - 1].removesuffix("\r")
    place = max(column - 1, 0)
    start = max(place - _REACH, 0)
    while start > 0 and line[start - 1] not in _PARTS_WORDS:
        start -= 1
    end = min(place + _REACH, len(line))
    while end < len(line) and line[end] not in _PARTS_WORDS:
        end += 1
    caret = " " * (place - start) + "^"
    return f"\n{line[start:end]}\n{caret}\nERROR at Row:{row}:Column:{column}\n{sentence}"


def row_and_column(soql: str, offset: int, *, columns_from: int = 1) -> tuple[int, int]:
    """Row (from 1) and column of a character."""
    row = soql.count("\n", 0, offset) + 1
    return row, offset - (soql.rfind("\n", 0, offset) + 1) + columns_from


def no_such_column(soql: str, offset: int, field: str, entity: str) -> str:
    """The message of INVALID_FIELD for a field that the object lacks or the user may not read."""
    return locate(
        soql,
        offset,
        f"No such column '{field}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append"
        " the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate"
        " names.",
    )


def unsupported_type(soql: str, offset: int, name: str) -> str:
    """The message of INVALID_TYPE for an object that there is not or that the user may not read."""
    return locate(
        soql,
        offset,
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the"
        " '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
    )
