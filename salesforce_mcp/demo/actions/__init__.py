"""What can be run in the demo org: standard actions, flows, Apex, quick actions."""
