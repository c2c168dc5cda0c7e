"""Chatter: feeds, posts, people, groups and topics."""
