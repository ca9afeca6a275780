"""A causal language model of transformers, fed one token after the other."""

from __future__ import annotations

import inspect
from typing import Any, Dict, FrozenSet, List, Optional, Sequence

import torch

from .model import Choice, Sampling

# Texts of control tokens that end a turn or a text, whatever the file says of its one "eos".
end_texts = frozenset(
    ["<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "</s>", "<end_of_turn>"]
)


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


def end_ids_of(model: Any, tokenizer: Any) -> FrozenSet[int]:
    stated = [tokenizer.eos_token_id]
    for config in (model.config, getattr(model, "generation_config", None)):
        eos = getattr(config, "eos_token_id", None)
        stated += eos if isinstance(eos, list) else [eos]
    added = tokenizer.added_tokens_decoder
    by_text = [token for token, entry in added.items() if entry.content in end_texts]
    return frozenset(int(token) for token in [*stated, *by_text] if token is not None)
