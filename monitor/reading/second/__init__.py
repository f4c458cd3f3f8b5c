"""The second reader: a small network that adds what the first one missed."""

import os

# Its matrices are so small that numpy's threads cost more than they save. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
