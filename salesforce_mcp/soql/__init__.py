"""SOQL and SOSL: grammar, syntax tree, safe binding, checks."""
