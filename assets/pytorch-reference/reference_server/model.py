"""What the server asks of a model. `torch_model.py` is the real one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Optional, Protocol, Sequence, Tuple


# Texts of control tokens that end a turn or a text, whatever the file says of its one "eos".
end_texts = frozenset(
    ["<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "</s>", "<end_of_turn>"]
)


class LoadError(Exception):
    """The model cannot be served; the message says why, in a sentence."""


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen. Temperature 0: the most likely one."""

    temperature: float
    top_p: float
    top_k: int
    """0: no limit."""
    seed: Optional[int]
    top_logprobs: Optional[int]
    """So many alternatives beside each token's log probability; None: no log probabilities."""


@dataclass(frozen=True)
class Choice:
    """One token, and its natural log probability before temperature and cuts where asked for."""

    id: int
    logprob: Optional[float] = None
    top: Tuple[Tuple[int, float], ...] = ()


@dataclass(frozen=True)
class TokenScores:
    """A given reply as the model sees it; lists with one entry for each of its tokens."""

    logprobs: List[float]
    """Natural log of each token's probability, at the temperature asked for."""
    ranks: List[int]
    """0: it is the most likely one."""
    gaps: List[float]
    """Log probability of the most likely token minus this one's, at temperature 1."""
    top_margins: List[float]
    """The same between the most likely and the second."""
    entropies: List[float]
    variances: List[float]
    """Mean and variance of -log p over the distribution at the temperature asked for."""
    tails: List[float]
    """Probability of all tokens that are no more likely than it, at the temperature asked for, at least 0.7."""


class Session(Protocol):
    """One sequence whose prompt has been computed."""

    def choose(self, banned: FrozenSet[int]) -> Choice:
        """The next token, none of `banned`; computes nothing of the model."""
        ...

    def feed(self, token: int) -> None:
        """One forward pass over one token."""
        ...


class Model(Protocol):
    context_tokens: int
    """Prompt and output of one request together."""
    vocab_size: int
    end_ids: FrozenSet[int]
    """Tokens that end a text."""
    info: Dict[str, Any]
    """What is told of it: versions, device, dtype, where the weights come from."""

    def encode(self, text: str, special: bool) -> List[int]:
        """`special`: with the tokens that the model wants in front of every text."""
        ...

    def encode_chat(self, messages: List[Dict[str, str]]) -> Optional[List[int]]:
        """Through the chat template; None when the model has none."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """Text of the ids, special tokens left out; U+FFFD for bytes that are no text (yet)."""
        ...

    def name_of(self, token: int) -> str:
        """For people: also of special tokens."""
        ...

    def start(self, prompt: Sequence[int], sampling: Sampling) -> Session:
        """Computes the prompt."""
        ...

    def score(
        self, prompt: Sequence[int], reply: Sequence[int], temperature: float, banned: FrozenSet[int]
    ) -> TokenScores:
        """One forward pass over both; `banned` cannot be chosen."""
        ...
