import os

# The readers' matrices are so small that numpy's threads cost more than they save. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
