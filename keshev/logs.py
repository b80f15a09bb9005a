"""Logging set-up. Note text, names and ids of customers never reach a log.

The rule is kept by what is logged, not by filters: counts, file names, line numbers and ids of
runs. `tests/test_no_words_leak.py` runs the whole flow on marked notes and searches the output.
"""

import logging
import sys

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up_logging(verbose: bool = False) -> None:
    """Send Keshev's log lines to stderr: warnings by default, all of them when verbose."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(FORMAT))
    root = logging.getLogger("keshev")
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.WARNING)
    root.propagate = False
