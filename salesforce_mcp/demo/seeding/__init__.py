"""The believable company that a fresh demo org holds: Kestrel Power Systems, a maker of generators."""
