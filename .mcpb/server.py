"""What Claude Desktop starts: the server. The manifest puts the user's choices into its environment."""

from salesforce_mcp.server.serve import main

main([])
