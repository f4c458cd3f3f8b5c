"""Asking the user's language model: the only room that speaks to it. `monitor.reading.llm` says what counts of it."""
