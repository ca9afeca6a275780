"""Pieces to the JSON of OpenAI's completions and chat completions."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any, Dict, List, Optional

from .generate import Piece
from .model import Model
from .params import Params

Json = Dict[str, Any]


def to_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class Wire:
    """The answer to one request, as chunks or as a whole."""

    def __init__(self, model: Model, name: str, params: Params):
        self.model = model
        self.params = params
        self.generated = 0
        chat = params.chat
        self._base: Json = {
            "id": f"{'chatcmpl' if chat else 'cmpl'}-{uuid.uuid4().hex}",
            "object": "chat.completion" if chat else "text_completion",
            "created": int(time.time()),
            "model": name,
        }

    def usage(self) -> Json:
        read = len(self.params.prompt)
        return {
            "prompt_tokens": read,
            "completion_tokens": self.generated,
            "total_tokens": read + self.generated,
        }

    def first(self) -> Optional[Json]:
        """The chunk with the role, which only chats have."""
        if not self.params.chat:
            return None
        return self._chunk({"delta": {"role": "assistant", "content": ""}}, None, None)

    def piece(self, piece: Piece) -> Json:
        self.generated += 1
        logprobs = None
        if piece.choice.logprob is not None:
            logprobs = self._logprobs([piece])
        text = {"delta": {"content": piece.text}} if self.params.chat else {"text": piece.text}
        return self._chunk(text, logprobs, piece.finish)

    def last(self) -> Json:
        """The chunk with the usage alone."""
        return {**self._head(), "choices": [], "usage": self._final_usage()}

    def _final_usage(self) -> Json:
        # Every prompt is computed in full: there is no prefix cache.
        return {**self.usage(), "prompt_tokens_details": {"cached_tokens": 0}}

    def whole(self, pieces: List[Piece]) -> Json:
        self.generated = len(pieces)
        text = "".join(piece.text for piece in pieces)
        with_logprobs = self.params.sampling.top_logprobs is not None
        choice: Json = {
            "index": 0,
            **(
                {"message": {"role": "assistant", "content": text}}
                if self.params.chat
                else {"text": text}
            ),
            "logprobs": self._logprobs(pieces) if with_logprobs else None,
            "finish_reason": pieces[-1].finish,
        }
        return {**self._base, "choices": [choice], "usage": self._final_usage()}

    def _head(self) -> Json:
        if not self.params.chat:
            return self._base
        return {**self._base, "object": "chat.completion.chunk"}

    def _chunk(self, text: Json, logprobs: Any, finish: Optional[str]) -> Json:
        choice = {"index": 0, **text, "logprobs": logprobs, "finish_reason": finish}
        chunk = {**self._head(), "choices": [choice]}
        if self.params.continuous_usage:
            chunk["usage"] = self.usage()
        elif self.params.include_usage:
            chunk["usage"] = None
        return chunk

    def _logprobs(self, pieces: List[Piece]) -> Json:
        name = self.model.name_of
        if not self.params.chat:
            return {
                "tokens": [name(piece.choice.id) for piece in pieces],
                "token_logprobs": [piece.choice.logprob for piece in pieces],
                "top_logprobs": [
                    {name(token): value for token, value in piece.choice.top} for piece in pieces
                ],
            }

        def entry(token: int, value: Optional[float]) -> Json:
            return {"token": name(token), "logprob": value, "bytes": list(name(token).encode())}

        return {
            "content": [
                {
                    **entry(piece.choice.id, piece.choice.logprob),
                    "top_logprobs": [entry(token, value) for token, value in piece.choice.top],
                }
                for piece in pieces
            ]
        }
