"""Telling: what an alert says, and its way to the people who asked for it."""
