"""What it means: reading claims, knowing facts, telling changes."""
