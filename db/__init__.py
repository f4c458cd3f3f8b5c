"""What is kept: records, the store and every query."""
