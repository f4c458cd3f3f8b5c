"""The second reader: a small network that adds what the first one missed."""
