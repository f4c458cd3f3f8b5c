"""Ways in: one spider for a whole source, and what feeds, section pages and Telegram previews look like."""
