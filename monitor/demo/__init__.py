"""The bundled newsroom: a scenario told step by step by eight invented outlets on 127.0.0.1, and a local mail sink."""
