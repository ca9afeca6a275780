"""Options, life and death of the process."""

from __future__ import annotations

import argparse
import os
import signal
import stat
import sys
import threading
from typing import Callable, List, Optional

from .http_server import ReferenceServer
from .log import say
from .model import LoadError, Model


def parse_options(argv: Optional[List[str]] = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="pytorch-reference")
    parser.add_argument("--model", required=True, help="GGUF file, or folder of Hugging Face format")
    parser.add_argument("--name", required=True, help="id that the model is served under")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--context-tokens", type=int, help="default: what the model was made for")
    parser.add_argument("--threads", type=int, help="CPU threads of torch")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument(
        "--dtype",
        choices=["auto", "float32", "bfloat16", "float16"],
        default="auto",
        help="auto: float32 on a CPU, bfloat16 on a GPU",
    )
    parser.add_argument(
        "--attention", choices=["auto", "eager", "sdpa"], default="auto", help="auto: transformers'"
    )
    parser.add_argument("--exit-on-eof", action="store_true")
    return parser.parse_args(argv)


def exit_now(reason: str, code: int = 0) -> None:
    """All state is in memory, and threads in the middle of a forward pass do not stop on request."""
    say(f"stopping: {reason}")
    os._exit(code)


def watch_parent() -> None:
    """Whoever started it holds the other end of standard input, so it cannot outlive them."""
    mode = os.fstat(0).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return

    def wait() -> None:
        while os.read(0, 4096):
            pass
        exit_now("standard input ended")

    threading.Thread(target=wait, daemon=True).start()


def main(load: Callable[[argparse.Namespace], Model], argv: Optional[List[str]] = None) -> None:
    options = parse_options(argv)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _frame: exit_now(signal.Signals(number).name))
    if options.exit_on_eof:
        watch_parent()
    try:
        model = load(options)
    except ImportError as error:
        say(f"error: cannot import: {error}")
        sys.exit(3)
    except LoadError as error:
        say(f"error: {error}")
        sys.exit(4)
    try:
        server = ReferenceServer(options.host, options.port, model, options.name)
    except OSError as error:
        say(f"error: cannot listen on {options.host} port {options.port}: {error}")
        sys.exit(5)
    say(f"listening on {options.host} port {server.server_port}, pid {os.getpid()}")
    server.serve_forever(poll_interval=3600)
