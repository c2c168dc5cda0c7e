"""Chatter in the demo org: users, groups, topics and feeds as the Connect REST API shows them."""
