"""How the demo org lets people and programs in: OAuth 2.0, its pages, sessions, identity and the SOAP login."""
