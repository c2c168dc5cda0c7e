"""What Salesforce itself does when records are saved (`table` says for which objects)."""
