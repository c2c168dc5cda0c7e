"""The demo org: a small Salesforce over HTTP, on SQLite."""
