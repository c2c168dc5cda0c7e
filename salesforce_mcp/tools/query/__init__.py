"""The query toolset: SOQL and SOSL, paging, export to files."""
