"""One file a revision, numbered in order; never edited once released."""
