"""Writes a model folder in Hugging Face format."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List

import numpy

from .gguf_file import GgufFile, Weight
from .model import LoadError


def write_folder(file: GgufFile, folder: str, dtype: str) -> None:
    """@raises LoadError"""
    entries = file.config()
    tokenizer = file.tokenizer()
    os.makedirs(folder)

    def write(name: str, value: Dict[str, Any]) -> None:
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            json.dump(value, out, indent=2, ensure_ascii=False)
            out.write("\n")

    ends = file.end_ids()
    write(
        "config.json",
        {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_act": "silu",
            "attention_bias": False,
            "mlp_bias": False,
            **entries,
            # transformers 5 reads these; mlx-lm and transformers 4 read `rope_theta`, and without it
            # take 10000 and garble the text.
            "rope_parameters": {"rope_theta": entries["rope_theta"], "rope_type": "default"},
            "dtype": dtype,
            "torch_dtype": dtype,
        },
    )
    # Engines stop at all of them, as the server here and llama.cpp do.
    stated = {"bos_token_id": entries["bos_token_id"], "eos_token_id": ends}
    write("generation_config.json", {key: value for key, value in stated.items() if value is not None})
    settings = {key: value for key, value in file.tokenizer_settings().items() if value is not None}
    write(
        "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "clean_up_tokenization_spaces": False,
            **settings,
        },
    )
    tokenizer.save(os.path.join(folder, "tokenizer.json"))
    write_weights(file.tensors(), os.path.join(folder, "model.safetensors"), dtype)


# By their names in safetensors.
formats = {"float32": ("F32", 4), "bfloat16": ("BF16", 2), "float16": ("F16", 2)}


def write_weights(weights: List[Weight], path: str, dtype: str) -> None:
    """
    The safetensors format (github.com/huggingface/safetensors, README): length of the header, 8 bytes
    little-endian; the header, JSON; the values one after the other. Its own library takes other
    arguments in 0.8 than before, has no bfloat16 without torch, and wants every tensor in memory.
    """
    kind, width = formats[dtype]
    header: Dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, shape, _ in weights:
        end = at + width * int(numpy.prod(shape))
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, separators=(",", ":")).encode()
    # The values begin at a multiple of eight.
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for name, shape, read in weights:
            weight = read()
            if weight.shape != shape:
                raise LoadError(f"weights do not fit: {name} is {weight.shape}, its header says {shape}")
            out.write(cast(name, weight, dtype).tobytes())


def cast(name: str, weight: numpy.ndarray, dtype: str) -> numpy.ndarray:
    if not numpy.isfinite(weight).all():
        raise LoadError(f"weights do not fit: {name} has values that are no numbers")
    if dtype == "bfloat16":
        return bfloat16_of(weight)
    with numpy.errstate(over="ignore"):
        there = weight.astype(numpy.dtype(dtype).newbyteorder("<"))
    if not numpy.isfinite(there).all():
        raise LoadError(f"weights do not fit: {name} has values beyond {dtype}; take another --dtype")
    return there


def bfloat16_of(weight: numpy.ndarray) -> numpy.ndarray:
    """The upper half of each float32, rounded to the nearest, ties to even; as torch rounds."""
    bits = weight.view(numpy.uint32)
    return ((bits + (0x7FFF + ((bits >> 16) & 1))) >> 16).astype("<u2")
