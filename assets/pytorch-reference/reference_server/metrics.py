"""The `/metrics` page, in the text format of Prometheus."""

from __future__ import annotations

from .scheduler import Scheduler

prefix = "pytorch_reference"


def metrics_page(scheduler: Scheduler) -> str:
    counters = scheduler.counters
    rows = [
        ("requests_running", "gauge", "Requests being computed: 0 or 1.", counters.running),
        ("requests_waiting", "gauge", "Requests that wait their turn.", scheduler.waiting),
        ("requests_total", "counter", "Requests answered to their end.", counters.requests),
        ("requests_cancelled_total", "counter", "Clients that hung up.", counters.cancelled),
        ("requests_failed_total", "counter", "Requests that failed here.", counters.failed),
        ("prompt_tokens_total", "counter", "Prompt tokens computed.", counters.prompt_tokens),
        ("generated_tokens_total", "counter", "Tokens generated.", counters.generated_tokens),
    ]
    return "".join(
        f"# HELP {prefix}:{name} {text}\n# TYPE {prefix}:{name} {kind}\n{prefix}:{name} {value}\n"
        for name, kind, text, value in rows
    )
