"""Toolset crm: contacts, leads, deals and the like under plain names, for people who don't know Salesforce's."""
