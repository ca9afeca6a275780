"""From a file or folder to a model that can be asked."""

from __future__ import annotations

import argparse
import os
import platform
import time
from typing import Any, Dict, Tuple

import torch
import transformers

from .log import say
from .model import LoadError
from .torch_model import TorchModel


def load_model(options: argparse.Namespace) -> TorchModel:
    """@raises LoadError"""
    started = time.monotonic()
    if not os.path.exists(options.model):
        raise LoadError(f"no such model file: {options.model}")
    if options.threads:
        torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    name = options.dtype
    if name == "auto":
        name = "float32" if device == "cpu" else "bfloat16"
    dtype = getattr(torch, name)
    attention = {} if options.attention == "auto" else {"attn_implementation": options.attention}
    if os.path.isdir(options.model):
        model, tokenizer, weights = load_folder(options.model, dtype, attention)
    else:
        from .gguf_model import load_gguf

        model, tokenizer, weights = load_gguf(options.model, name, attention)
    try:
        model = model.to(device=device, dtype=dtype)
    except RuntimeError as error:  # Out of memory; the log names the cause.
        raise LoadError(f"cannot move the model to {device}: {error}")
    longest = int(getattr(model.config, "max_position_embeddings", 0)) or 2048
    context = min(options.context_tokens or longest, longest)
    if options.context_tokens and options.context_tokens > longest:
        say(f"{options.context_tokens} tokens asked for, the model was made for {longest}")
    parameters = sum(tensor.numel() for tensor in model.parameters())
    info: Dict[str, Any] = {
        "server": "pytorch-reference",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "python": platform.python_version(),
        "device": device if device == "cpu" else torch.cuda.get_device_name(),
        "dtype": name,
        "torch_threads": torch.get_num_threads(),
        "attention_backend": getattr(model.config, "_attn_implementation", None),
        "scheduling_policy": "first come first served, one at a time",
        "prefix_cache": False,
        "max_model_len": context,
        "architecture": type(model).__name__,
        "n_params": parameters,
        "weights": weights,
        "end_tokens": sorted(model_end(model, tokenizer)),
    }
    say(f"torch {torch.__version__}, transformers {transformers.__version__}, {device}, {name}")
    say(f"{parameters} parameters, weights {weights}, {time.monotonic() - started:.1f} s")
    return TorchModel(model, tokenizer, context, info)


def model_end(model: Any, tokenizer: Any):
    from .torch_model import end_ids_of

    return end_ids_of(model, tokenizer)


def choose_device(asked: str) -> str:
    if asked == "cpu":
        return "cpu"
    if torch.cuda.is_available():
        return "cuda"
    if asked == "cuda":
        raise LoadError("no CUDA device: torch does not see one")
    return "cpu"


def load_folder(path: str, dtype: Any, attention: Dict[str, str]) -> Tuple[Any, Any, str]:
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(path, local_files_only=True)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            path, local_files_only=True, torch_dtype=dtype, **attention
        )
    except (OSError, ValueError, KeyError) as error:
        raise LoadError(f"cannot load model folder {path}: {error}")
    stored = getattr(model.config, "torch_dtype", None) or getattr(model.config, "dtype", None)
    return model, tokenizer, f"as stored in the folder ({str(stored).replace('torch.', '')})"
