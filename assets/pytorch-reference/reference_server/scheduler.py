"""First come, first served, one request at a time: no batching, on purpose."""

from __future__ import annotations

import queue
import threading
import traceback
from typing import Callable, Optional

from .log import say


class Counters:
    """What `/metrics` tells; written by the one worker, but for `waiting`."""

    def __init__(self) -> None:
        self.running = 0
        self.requests = 0
        self.cancelled = 0
        self.failed = 0
        self.prompt_tokens = 0
        self.generated_tokens = 0


class Job:
    def __init__(self, work: Callable[[], None]):
        self._work = work
        self.done = threading.Event()
        self.error: Optional[BaseException] = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # The worker outlives whatever one request does to it.
            self.error = error
            if not isinstance(error, OSError):
                say("".join(traceback.format_exception(type(error), error, error.__traceback__)))
        finally:
            self.done.set()


class Scheduler:
    """
    One thread does all the work on the model and writes to the sockets itself: no hand-over
    between threads stands between a token and its bytes.
    """

    def __init__(self) -> None:
        self.counters = Counters()
        self._jobs: "queue.Queue[Job]" = queue.Queue()
        threading.Thread(target=self._work, name="model", daemon=True).start()

    @property
    def waiting(self) -> int:
        return self._jobs.qsize()

    def do(self, work: Callable[[], None]) -> None:
        """Waits its turn and for the end. @raises whatever `work` raises"""
        job = Job(work)
        self._jobs.put(job)
        job.done.wait()
        if job.error is not None:
            raise job.error

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            self.counters.running = 1
            try:
                job.run()
            finally:
                self.counters.running = 0
