"""A causal language model of transformers, fed one token after the other."""

from __future__ import annotations

import inspect
from typing import Any, Dict, FrozenSet, List, Optional, Sequence

import torch

from .model import Choice, Sampling, TokenScores, end_texts


class TorchModel:
    """@param tokenizer a fast tokenizer of transformers"""

    def __init__(self, model: Any, tokenizer: Any, context_tokens: int, info: Dict[str, Any]):
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._device = next(model.parameters()).device
        self.context_tokens = context_tokens
        self.info = info
        self.vocab_size = model.get_input_embeddings().weight.shape[0]
        self.end_ids = end_ids_of(model, tokenizer)
        # Logits of all positions of a long prompt would be gigabytes; only the last are needed.
        known = inspect.signature(model.forward).parameters
        names = [name for name in ("logits_to_keep", "num_logits_to_keep") if name in known]
        self._last_only = {name: 1 for name in names[:1]}

    def encode(self, text: str, special: bool) -> List[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=special))

    def encode_chat(self, messages: List[Dict[str, str]]) -> Optional[List[int]]:
        if not self._tokenizer.chat_template:
            return None
        text = self._tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
        return self.encode(text, special=False)

    def decode(self, ids: Sequence[int]) -> str:
        return self._tokenizer.decode(
            list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )

    def name_of(self, token: int) -> str:
        return self._tokenizer.decode([token], clean_up_tokenization_spaces=False)

    def start(self, prompt: Sequence[int], sampling: Sampling) -> "TorchSession":
        return TorchSession(self, prompt, sampling)

    def forward(self, ids: Sequence[int], cache: Any):
        """@returns logits of the last position in float32, and the grown cache"""
        with torch.inference_mode():
            out = self._model(
                input_ids=torch.tensor([list(ids)], device=self._device),
                past_key_values=cache,
                use_cache=True,
                **self._last_only,
            )
        return out.logits[0, -1].float(), out.past_key_values

    def score(
        self, prompt: Sequence[int], reply: Sequence[int], temperature: float, banned: FrozenSet[int]
    ) -> TokenScores:
        ids = torch.tensor([[*prompt, *reply]], device=self._device)
        keep = {name: len(reply) + 1 for name in self._last_only}
        columns: List[List[float]] = [[], [], [], [], [], [], []]
        with torch.inference_mode():
            out = self._model(input_ids=ids, use_cache=False, **keep)
            # The logits at a position are about the token behind it.
            logits = out.logits[0, -len(reply) - 1 : -1]
            # Some at a time: in float32 all of a long reply would be gigabytes.
            for start in range(0, len(reply), 256):
                some = logits[start : start + 256].float()
                if banned:
                    some[:, list(banned)] = -torch.inf
                tokens = torch.tensor(reply[start : start + 256], device=some.device)[:, None]
                for column, values in zip(columns, scores_of(some, tokens, temperature)):
                    column += values.tolist()
        return TokenScores(*columns)  # type: ignore[arg-type]

    def generator(self, seed: Optional[int]) -> torch.Generator:
        generator = torch.Generator(device=self._device)
        if seed is None:
            generator.seed()
        else:
            generator.manual_seed(seed)
        return generator


class TorchSession:
    def __init__(self, model: TorchModel, prompt: Sequence[int], sampling: Sampling):
        self._model = model
        self._sampling = sampling
        self._random = None if sampling.temperature == 0 else model.generator(sampling.seed)
        self._logits, self._cache = model.forward(prompt, None)

    def feed(self, token: int) -> None:
        self._logits, self._cache = self._model.forward([token], self._cache)

    def choose(self, banned: FrozenSet[int]) -> Choice:
        with torch.inference_mode():
            logits = self._logits
            if banned:
                logits = logits.clone()
                logits[list(banned)] = -torch.inf
            token = int(logits.argmax()) if self._random is None else self._sample(logits)
            count = self._sampling.top_logprobs
            if count is None:
                return Choice(token)
            logprobs = torch.log_softmax(self._logits, dim=-1)
            values, ids = logprobs.topk(count) if count > 0 else (logprobs[:0], logprobs[:0].long())
            return Choice(token, float(logprobs[token]), tuple(zip(ids.tolist(), values.tolist())))

    def _sample(self, logits: torch.Tensor) -> int:
        """Temperature, then the k most likely, then the least set that holds top_p."""
        sampling = self._sampling
        logits = logits / sampling.temperature
        if 0 < sampling.top_k < logits.shape[-1]:
            least = logits.topk(sampling.top_k).values[-1]
            logits = logits.masked_fill(logits < least, -torch.inf)
        probabilities = torch.softmax(logits, dim=-1)
        if sampling.top_p < 1:
            ordered, order = probabilities.sort(descending=True)
            before = ordered.cumsum(dim=-1) - ordered
            probabilities[order[before >= sampling.top_p]] = 0
        return int(torch.multinomial(probabilities, 1, generator=self._random))


def scores_of(logits: torch.Tensor, tokens: torch.Tensor, temperature: float):
    """
    Columns of TokenScores, in their order.

    @param logits positions x vocabulary, float32
    @param tokens positions x 1
    """
    plain = torch.log_softmax(logits, dim=-1)
    own = plain.gather(-1, tokens)
    best = plain.topk(2, dim=-1).values
    scaled = torch.log_softmax(logits / temperature, dim=-1)
    weights = scaled.exp()
    # Colder, differences of arithmetic would make tokens rare.
    tail_weights = weights if temperature >= 0.7 else torch.softmax(logits / 0.7, dim=-1)
    # 0 log 0 is 0, and banned tokens have log 0.
    surprise = -scaled.clamp(min=-1e4)
    mean = (weights * surprise).sum(dim=-1)
    square = (weights * surprise * surprise).sum(dim=-1)
    return (
        scaled.gather(-1, tokens)[:, 0].clamp(min=-1e4),
        (plain > own).sum(dim=-1),
        (best[:, 0] - own[:, 0]).clamp(max=1e4),
        best[:, 0] - best[:, 1],
        mean,
        (square - mean * mean).clamp(min=0),
        # Summed from the small end: 1 minus all others would be noise.
        (tail_weights * (plain <= own)).sum(dim=-1),
    )


def end_ids_of(model: Any, tokenizer: Any) -> FrozenSet[int]:
    stated = [tokenizer.eos_token_id]
    for config in (model.config, getattr(model, "generation_config", None)):
        eos = getattr(config, "eos_token_id", None)
        stated += eos if isinstance(eos, list) else [eos]
    added = tokenizer.added_tokens_decoder
    by_text = [token for token, entry in added.items() if entry.content in end_texts]
    return frozenset(int(token) for token in [*stated, *by_text] if token is not None)
