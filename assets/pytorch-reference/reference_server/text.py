"""Token by token to text: nothing is sent that a later token could still change."""

from __future__ import annotations

from typing import Callable, List, Sequence, Tuple

replacement = "\ufffd"
longest_character = 4
"""Bytes of UTF-8, so tokens that one character can be spread over."""


class StreamingText:
    """
    Text that each token completes. Bytes of an unfinished character are held back, and text that
    may be the beginning of a stop string.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str], stops: Sequence[str] = ()):
        self._decode = decode
        self._stops = stops
        self._ids: List[int] = []
        # Ids [prefix, read) are decoded again as context: some tokenizers drop a leading space.
        self._prefix = 0
        self._read = 0
        self._held = ""

    def push(self, token: int, may_stop: bool = True) -> Tuple[str, bool]:
        """Text that can be sent now, and whether a stop string ended it (which is cut off)."""
        self._ids.append(token)
        self._held += self._complete(final=False)
        if not may_stop:
            return self._release(0), False
        found = [at for at in (self._held.find(stop) for stop in self._stops) if at >= 0]
        if found:
            return self._held[: min(found)], True
        return self._release(self._undecided()), False

    def finish(self) -> str:
        """What was held back, when no token follows."""
        self._held += self._complete(final=True)
        return self._release(0)

    def _release(self, keep: int) -> str:
        cut = len(self._held) - keep
        ready, self._held = self._held[:cut], self._held[cut:]
        return ready

    def _undecided(self) -> int:
        """Length of the longest end of the text that a stop string begins with."""
        longest = 0
        for stop in self._stops:
            for length in range(min(len(stop) - 1, len(self._held)), longest, -1):
                if stop.startswith(self._held[-length:]):
                    longest = length
                    break
        return longest

    def _complete(self, final: bool) -> str:
        before = self._decode(self._ids[self._prefix : self._read])
        now = self._decode(self._ids[self._prefix :])
        waiting = len(self._ids) - self._read
        if now.endswith(replacement) and waiting < longest_character and not final:
            return ""
        self._prefix, self._read = self._read, len(self._ids)
        return now[len(before) :]
