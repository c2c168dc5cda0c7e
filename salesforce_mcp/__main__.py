"""`python -m salesforce_mcp` is the same as `sfmcp`."""

from salesforce_mcp.cli.main import main

if __name__ == "__main__":
    main()
