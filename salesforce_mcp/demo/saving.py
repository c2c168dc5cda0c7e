"""Put a checked body into the database: defaults, numbers, the platform's own steps, uniqueness, history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesforce_mcp.demo import history, recent, values
from salesforce_mcp.demo.behaviour.save import Save
from salesforce_mcp.demo.behaviour.table import AFTER, BEFORE
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.incoming import Incoming
from salesforce_mcp.demo.schema import Field, SObject, record_id


class Saver:
    """Writes records inside an open transaction."""

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._connection = context.store.connection()
        self._moment = values.now()

    def create(self, sobject: SObject, body: Incoming) -> str:
        """Insert what a request sends and answer the Id."""
        columns = {each.name: body.columns.get(each.name) for each in sobject.stored_fields}
        for each in sobject.stored_fields:
            if columns[each.name] is None and each.defaulted_on_create:
                columns[each.name] = self._default(each)
        self._number(sobject, columns)
        save = Save(self._context, sobject, columns, None, frozenset(body.columns), body.extra, self)
        self._check_required(sobject, columns, columns)
        return self._finish(save)

    def update(self, sobject: SObject, old: Mapping[str, Any], body: Incoming) -> None:
        """Change a record as a request asks."""
        self._check_required(sobject, body.columns, {**old, **body.columns})
        columns = {**old, **body.columns, **self._stamps(sobject)}
        self._finish(Save(self._context, sobject, columns, old, frozenset(body.columns), body.extra, self))

    def insert(self, sobject: str, given: dict[str, Any]) -> str:
        """Insert on the platform's behalf."""
        return self.create(self._context.store.objects[sobject], Incoming(given))

    def modify(self, sobject: str, record: str, given: dict[str, Any]) -> None:
        """Change columns on the platform's behalf, past all checks."""
        self._write(self._context.store.objects[sobject], record, {**given, **self._stamps(sobject)})

    def _finish(self, save: Save) -> str:
        sobject = save.sobject
        if save.old is None:
            record = record_id(sobject.id_prefix, self._context.store.next_number(sobject.name))
            save.values["Id"] = record
            if sobject.custom:
                # What has no name is called by its Id.
                save.default("Name", record[:15])
        for step in BEFORE.get(sobject.name, ()):
            step(save)
        self._check_unique(sobject, save)
        record = str(save.values["Id"])
        if save.old is None:
            names = ", ".join(f'"{name}"' for name in save.values)
            places = ", ".join("?" * len(save.values))
            statement = f'INSERT INTO "{sobject.name}" ({names}) VALUES ({places})'  # noqa: S608 - names of the schema
            self._connection.execute(statement, tuple(save.values.values()))
        else:
            changed = {name: value for name, value in save.values.items() if save.old.get(name) != value}
            self._write(sobject, record, changed)
            recent.rename(self._context, sobject, record)
        self._check_rules(sobject, record)
        for step in AFTER.get(sobject.name, ()):
            step(save)
        history.write(self._context, sobject, save.old, save.values, self)
        return record

    def _write(self, sobject: SObject, record: str, changed: Mapping[str, Any]) -> None:
        assignments = ", ".join(f'"{name}" = ?' for name in changed)
        if assignments:
            statement = f'UPDATE "{sobject.name}" SET {assignments} WHERE Id = ?'  # noqa: S608 - names of the schema
            self._connection.execute(statement, (*changed.values(), record))

    def _default(self, each: Field) -> Any:
        if each.default_value == "now":
            return self._moment
        if each.default_value == "today":
            return self._moment[:10]
        if each.default_value == "user":
            return self._context.user.id
        return int(each.default_value) if each.type == "boolean" else each.default_value

    def _stamps(self, sobject: SObject | str) -> dict[str, Any]:
        """The audit fields of a change."""
        changed = self._context.store.objects[sobject] if isinstance(sobject, str) else sobject
        stamps = {
            "LastModifiedDate": self._moment,
            "LastModifiedById": self._context.user.id,
            "SystemModstamp": self._moment,
        }
        return {name: value for name, value in stamps.items() if changed.field(name)}

    def _number(self, sobject: SObject, columns: dict[str, Any]) -> None:
        for each in sobject.stored_fields:
            if each.auto_number:
                number = self._context.store.next_number(f"{sobject.name}.{each.name}")
                columns[each.name] = values.format_number(each.auto_number, number)

    def _check_required(self, sobject: SObject, given: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        """Refuse when a required field is left out, or set to null."""
        missing = [
            each.name
            for each in sobject.stored_fields
            if not each.nillable
            and each.type != "boolean"
            and (each.createable or each.updateable)
            and each.name in given
            and result.get(each.name) is None
        ]
        if missing:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            raise ApiError(400, "REQUIRED_FIELD_MISSING", message, missing)

    def _check_rules(self, sobject: SObject, record: str) -> None:
        """Refuse a record that breaks a validation rule of the org; the caller's transaction takes it back."""
        for rule in sobject.rules:
            if rule.violated is None:
                continue
            condition = rule.violated.replace("{t}", "t")
            statement = f'SELECT 1 FROM "{sobject.name}" AS t WHERE t.Id = ? AND {condition}'  # noqa: S608 - a definition
            if self._connection.execute(statement, (record,)).fetchone():
                fields = [] if rule.field is None else [rule.field]
                raise ApiError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields)

    def _check_unique(self, sobject: SObject, save: Save) -> None:
        for each in sobject.stored_fields:
            value = save.values.get(each.name)
            if not each.unique or value is None or not save.changed(each.name):
                continue
            deleted = "AND IsDeleted = 0" if sobject.field("IsDeleted") else ""
            statement = f'SELECT Id FROM "{sobject.name}" WHERE "{each.name}" = ? AND Id <> ? {deleted}'  # noqa: S608
            twin = self._connection.execute(statement, (value, save.values["Id"])).fetchone()
            if twin:
                message = f"duplicate value found: {each.name} duplicates value on record with id: {twin[0]}"
                raise ApiError(400, "DUPLICATE_VALUE", message, [])
