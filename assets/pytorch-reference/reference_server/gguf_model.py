"""A GGUF file as a transformers model with the same tokenizer."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from .gguf_file import GgufFile
from .model import LoadError


def load_gguf(path: str, dtype: str, attention: Dict[str, str]) -> Tuple[Any, Any, str]:
    """@raises LoadError"""
    file = GgufFile(path)
    entries = file.config()
    base = entries["rope_theta"]
    config = LlamaConfig(**entries, **attention)
    # Its name since transformers 5.
    if isinstance(getattr(config, "rope_parameters", None), dict):
        config.rope_parameters["rope_theta"] = base
    model = LlamaForCausalLM(config)
    state = {name: torch.from_numpy(read()) for name, _, read in file.tensors()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    if config.tie_word_embeddings:
        model.lm_head.weight = model.model.embed_tokens.weight
        missing = [name for name in missing if name != "lm_head.weight"]
    if missing or unexpected:
        raise LoadError(f"weights do not fit: missing {missing[:3]}, unexpected {unexpected[:3]}")
    check_rope(model, base)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=file.tokenizer(), **file.tokenizer_settings()
    )
    return model, tokenizer, file.described(dtype)


def check_rope(model: Any, base: float) -> None:
    """Versions of transformers take the base under different names; a wrong one only garbles text."""
    rotary = getattr(model.model, "rotary_emb", None)
    if rotary is None or not hasattr(rotary, "inv_freq"):
        return
    got = rotary.inv_freq.float()
    expected = base ** -(torch.arange(len(got)).float() / len(got))
    if not torch.allclose(got.cpu(), expected, rtol=1e-4):
        raise LoadError("this version of transformers does not take the rope base of the file")
