from __future__ import annotations

import sys
import threading

_lock = threading.Lock()


def say(message: str) -> None:
    """One line on standard error, whole also when two threads speak."""
    with _lock:
        sys.stderr.write(f"reference: {message.rstrip()}\n")
        sys.stderr.flush()
