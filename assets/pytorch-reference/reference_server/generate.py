"""The loop: one token, one piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterator, Optional

from .model import Choice, Model
from .params import Params
from .text import StreamingText


@dataclass(frozen=True)
class Piece:
    """One generated token. `text` is what it completes, often nothing."""

    choice: Choice
    text: str
    finish: Optional[str]
    """`stop`, `length`; None: more follow."""


def generate(model: Model, params: Params, cancelled: Callable[[], bool]) -> Iterator[Piece]:
    """
    Exactly one piece for each token, the end token included. With `ignore_eos`, and before
    `min_tokens`, end tokens cannot be chosen. Ends early, without a finish, when cancelled.
    """
    if cancelled():
        return
    session = model.start(params.prompt, params.sampling)
    text = StreamingText(model.decode, params.stops)
    nothing = frozenset()
    count = 0
    while not cancelled():
        held_open = params.ignore_eos or count < params.min_tokens
        choice = session.choose(model.end_ids if held_open else nothing)
        count += 1
        if choice.id in model.end_ids:
            yield Piece(choice, text.finish(), "stop")
            return
        ready, stopped = text.push(choice.id, may_stop=count >= params.min_tokens)
        if stopped:
            yield Piece(choice, ready, "stop")
            return
        if count >= params.max_tokens:
            yield Piece(choice, ready + text.finish(), "length")
            return
        yield Piece(choice, ready, None)
        session.feed(choice.id)
