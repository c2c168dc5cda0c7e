"""The resources of the demo org, a module an area; each exposes `routes: list[Route]` (see `demo.http`)."""
