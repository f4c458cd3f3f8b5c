"""What a language model is asked about a sentence, and what of its answer the text bears out; nobody is asked here."""
