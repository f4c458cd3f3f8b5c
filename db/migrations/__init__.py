"""The schema's history. It travels in the wheel and is applied when a store is opened."""
