"""Request bodies, checked. What is not supported is refused, never silently ignored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Optional, Tuple

from .errors import ApiError, bad_request
from .model import Model, Sampling

Body = Dict[str, Any]


@dataclass(frozen=True)
class Params:
    prompt: Tuple[int, ...]
    max_tokens: int
    min_tokens: int
    ignore_eos: bool
    stops: Tuple[str, ...]
    sampling: Sampling
    stream: bool
    include_usage: bool
    continuous_usage: bool
    chat: bool


# Fields that would change the answer, and the only value that this server has.
unsupported = {
    "n": 1,
    "best_of": 1,
    "echo": False,
    "suffix": None,
    "logit_bias": {},
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "repetition_penalty": 1,
    "min_p": 0,
    "tools": [],
    "functions": [],
    "use_beam_search": False,
    "stop_token_ids": [],
    "prompt_logprobs": None,
}


def parse_params(body: Body, chat: bool, model: Model, name: str) -> Params:
    """@raises ApiError 400, and 404 for another model's name."""
    asked = body.get("model", name)
    if asked != name:
        message = f"The model {asked!r} does not exist: this server has {name!r}."
        raise ApiError(404, message, code="model_not_found", param="model")
    for field, only in unsupported.items():
        if body.get(field) not in (None, only):
            raise bad_request(f"{field} is not supported by the reference server.", field)
    if chat and (body.get("response_format") or {"type": "text"}) != {"type": "text"}:
        raise bad_request("response_format: only text is supported.", "response_format")
    prompt = chat_prompt(body, model) if chat else text_prompt(body, model)
    if not prompt:
        raise bad_request("The prompt has no tokens.", "messages" if chat else "prompt")
    room = model.context_tokens - len(prompt)
    limit = body.get("max_completion_tokens") if chat else None
    field = "max_tokens" if limit is None else "max_completion_tokens"
    max_tokens = whole(body, field, max(1, room) if chat else 16, 1)
    if max_tokens > room:
        message = (
            f"This model's maximum context length is {model.context_tokens} tokens; "
            f"{len(prompt)} in the prompt and {max_tokens} to generate do not fit."
        )
        raise ApiError(400, message, code="context_length_exceeded", param=field)
    min_tokens = whole(body, "min_tokens", 0, 0)
    if min_tokens > max_tokens:
        raise bad_request(f"min_tokens {min_tokens} is above {field} {max_tokens}.", "min_tokens")
    options = body.get("stream_options") or {}
    if not isinstance(options, dict):
        raise bad_request("stream_options has to be an object.", "stream_options")
    stream = flag(body, "stream")
    if options and not stream:
        raise bad_request("stream_options needs stream.", "stream_options")
    continuous = flag(options, "continuous_usage_stats")
    return Params(
        prompt=tuple(prompt),
        max_tokens=max_tokens,
        min_tokens=min_tokens,
        ignore_eos=flag(body, "ignore_eos"),
        stops=stop_strings(body),
        sampling=Sampling(
            temperature=number(body, "temperature", 1.0, 0, 100),
            top_p=number(body, "top_p", 1.0, 1e-9, 1),
            top_k=max(0, whole(body, "top_k", 0, -1)),
            seed=None if body.get("seed") is None else whole(body, "seed", 0, -(2**63)),
            top_logprobs=logprobs(body, chat),
        ),
        stream=stream,
        include_usage=flag(options, "include_usage"),
        continuous_usage=continuous,
        chat=chat,
    )


def score_params(
    body: Body, model: Model
) -> Tuple[List[int], List[int], float, FrozenSet[int]]:
    """Reply, prompt, temperature, and tokens that could not be chosen. @raises ApiError 400"""
    text = body.get("completion")
    if not isinstance(text, str):
        raise bad_request("completion has to be a text.", "completion")
    prompt = chat_prompt(body, model)
    reply = model.encode(text, False)
    if not reply:
        raise bad_request("completion has no tokens.", "completion")
    if len(prompt) + len(reply) > model.context_tokens:
        message = f"{len(prompt)} + {len(reply)} tokens do not fit into {model.context_tokens}."
        raise ApiError(400, message, code="context_length_exceeded", param="completion")
    temperature = number(body, "temperature", 1.0, 1e-3, 100)
    return reply, prompt, temperature, model.end_ids if flag(body, "ignore_eos") else frozenset()


def text_prompt(body: Body, model: Model) -> List[int]:
    prompt = body.get("prompt")
    if isinstance(prompt, list) and len(prompt) == 1 and isinstance(prompt[0], (str, list)):
        prompt = prompt[0]
    if isinstance(prompt, str):
        return model.encode(prompt, True)
    if isinstance(prompt, list) and all(type(token) is int for token in prompt):
        if all(0 <= token < model.vocab_size for token in prompt):
            return prompt
        raise bad_request(f"prompt has token ids outside 0..{model.vocab_size - 1}.", "prompt")
    raise bad_request("prompt has to be one text, or one list of token ids.", "prompt")


def chat_prompt(body: Body, model: Model) -> List[int]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise bad_request("messages has to be a list with at least one message.", "messages")
    plain = [plain_message(message) for message in messages]
    try:
        ids = model.encode_chat(plain)
    except ApiError:
        raise
    except Exception as error:  # Templates refuse orders of roles that they do not know.
        raise bad_request(f"The chat template refuses these messages: {error}", "messages")
    if ids is None:
        raise bad_request("This model has no chat template: use /v1/completions.", "messages")
    return ids


def plain_message(message: Any) -> Dict[str, str]:
    """Role and text; the text may come in parts."""
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise bad_request("Each message has to be an object with a role.", "messages")
    content = message.get("content")
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else None for part in content]
        content = None if None in parts else "".join(str(part) for part in parts)
    if not isinstance(content, str):
        raise bad_request("content has to be a text, or a list of text parts.", "messages")
    return {"role": message["role"], "content": content}


def stop_strings(body: Body) -> Tuple[str, ...]:
    stop = body.get("stop")
    stops = [stop] if isinstance(stop, str) else ([] if stop is None else stop)
    if not isinstance(stops, list) or not all(isinstance(one, str) and one for one in stops):
        raise bad_request("stop has to be a text, or a list of texts, none of them empty.", "stop")
    return tuple(stops)


def logprobs(body: Body, chat: bool) -> Optional[int]:
    if not chat:
        return None if body.get("logprobs") is None else whole(body, "logprobs", 0, 0, 20)
    return whole(body, "top_logprobs", 0, 0, 20) if flag(body, "logprobs") else None


def flag(body: Body, field: str) -> bool:
    value = body.get(field)
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise bad_request(f"{field} has to be true or false.", field)


def whole(body: Body, field: str, default: int, low: int, high: int = 2**63 - 1) -> int:
    value = body.get(field)
    if value is None:
        return default
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    limits = f"of at least {low}" if high > 2**62 else f"from {low} to {high}"
    raise bad_request(f"{field} has to be a whole number {limits}.", field)


def number(body: Body, field: str, default: float, low: float, high: float) -> float:
    value = body.get(field)
    if value is None:
        return default
    if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
        return float(value)
    raise bad_request(f"{field} has to be a number from {low:g} to {high:g}.", field)
