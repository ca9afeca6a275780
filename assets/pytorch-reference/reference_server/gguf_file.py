"""
What a GGUF file of the Llama architecture holds, in the names and the order that Hugging Face's format
has: configuration, weights, tokenizer. Needs numpy, gguf and tokenizers, not torch. Quantised weights
are dequantised. Format: github.com/ggml-org/ggml, docs/gguf.md.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

import gguf
import numpy
from gguf.quants import dequantize
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from .log import say
from .model import LoadError, end_texts

block_names = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
names = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
# `llama-bpe` as llama.cpp writes it down, for Llama 3.
llama3_words = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
control, user_defined = 3, 4


class GgufFile:
    def __init__(self, path: str):
        """@raises LoadError"""
        try:
            self._reader = gguf.GGUFReader(path)
        except (ValueError, OSError, IndexError) as error:
            raise LoadError(f"not a GGUF model: {path}: {error}")
        self.fields = Fields(self._reader)
        architecture = self.fields.get("general.architecture")
        if architecture != "llama":
            raise LoadError(
                f"unsupported model architecture {architecture!r} in a GGUF file: "
                "only llama is read; give a folder in Hugging Face format instead"
            )

    def config(self) -> Dict[str, Any]:
        """Entries of `config.json`, those that say what the weights are."""
        tied = all(tensor.name != "output.weight" for tensor in self._reader.tensors)
        return config_of(self.fields, tied)

    def tensors(self) -> List["Weight"]:
        return list_weights(self._reader, self.fields)

    def described(self, dtype: str) -> str:
        """Where the weights come from, for people."""
        types = Counter(tensor.tensor_type.name for tensor in self._reader.tensors)
        listed = ", ".join(f"{count} {name}" for name, count in types.most_common())
        quantised = any(name not in ("F32", "F16", "BF16") for name in types)
        how = f"dequantised to {dtype}" if quantised else f"as {dtype}"
        return f"{how} from GGUF tensors: {listed}"

    def tokenizer(self) -> Tokenizer:
        return tokenizer_of(self.fields)

    def tokenizer_settings(self) -> Dict[str, Any]:
        """Entries of `tokenizer_config.json`."""
        tokens = self.fields.need("tokenizer.ggml.tokens")

        def token(name: str) -> Any:
            at = self.fields.get(f"tokenizer.ggml.{name}_token_id")
            return None if at is None else tokens[at]

        return {
            "bos_token": token("bos"),
            "eos_token": token("eos"),
            "chat_template": self.fields.get("tokenizer.chat_template"),
            "model_max_length": int(self.fields.need("llama.context_length")),
        }

    def end_ids(self) -> List[int]:
        """Every token that ends a text, as the server here and llama.cpp take them."""
        tokens = self.fields.need("tokenizer.ggml.tokens")
        kinds = self.fields.get("tokenizer.ggml.token_type", [])
        marked = [at for at, kind in enumerate(kinds) if kind in (control, user_defined)]
        ends = {at for at in marked if tokens[at] in end_texts}
        stated = self.fields.get("tokenizer.ggml.eos_token_id")
        return sorted(ends if stated is None else ends | {int(stated)})


class Fields:
    """The header's entries, by their key."""

    def __init__(self, reader: Any):
        self._fields = reader.fields

    def get(self, key: str, default: Any = None) -> Any:
        field = self._fields.get(key)
        if field is None:
            return default
        string = gguf.GGUFValueType.STRING
        if field.types[0] == gguf.GGUFValueType.ARRAY:
            if field.types[-1] == string:
                return [bytes(field.parts[at]).decode("utf-8") for at in field.data]
            return [field.parts[at].tolist()[0] for at in field.data]
        if field.types[0] == string:
            return bytes(field.parts[-1]).decode("utf-8")
        return field.parts[-1].tolist()[0]

    def need(self, key: str) -> Any:
        value = self.get(key)
        if value is None:
            raise LoadError(f"the GGUF header has no {key}")
        return value


class Weight(NamedTuple):
    name: str
    shape: Tuple[int, ...]
    read: Callable[[], numpy.ndarray]
    """Float32, contiguous; computed anew at each call, so that one is in memory at a time."""


def list_weights(reader: Any, fields: Fields) -> List[Weight]:
    heads = int(fields.need("llama.attention.head_count"))
    kv_heads = int(fields.get("llama.attention.head_count_kv", heads))
    weights = []
    for tensor in reader.tensors:
        name, permuted = names.get(tensor.name), None
        if name is None:
            first, _, rest = tensor.name.partition(".")
            number, _, part = rest.partition(".")
            kind = block_names.get(part.rsplit(".", 1)[0])
            if first != "blk" or kind is None or not part.endswith(".weight"):
                raise LoadError(f"unknown tensor {tensor.name}")
            name = f"model.layers.{number}.{kind}.weight"
            permuted = {"q_proj": heads, "k_proj": kv_heads}.get(kind.rpartition(".")[2])
        # GGUF has the fastest dimension first.
        shape = tuple(int(size) for size in reversed(tensor.shape))
        weights.append(Weight(name, shape, partial(read_weight, tensor, permuted)))
    return weights


def read_weight(tensor: Any, heads: Optional[int]) -> numpy.ndarray:
    weight = dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32, copy=True)
    return numpy.ascontiguousarray(weight if heads is None else unpermute(weight, heads))


def unpermute(weight: numpy.ndarray, heads: int) -> numpy.ndarray:
    """llama.cpp pairs neighbouring rows in its rotary embedding, transformers pairs halves."""
    rows = weight.shape[0]
    pairs = weight.reshape(heads, rows // heads // 2, 2, *weight.shape[1:])
    return pairs.swapaxes(1, 2).reshape(weight.shape)


def config_of(fields: Fields, tied: bool) -> Dict[str, Any]:
    scaling = fields.get("llama.rope.scaling.type", "none")
    if scaling != "none":
        raise LoadError(f"rope scaling {scaling} in a GGUF file is not read; give a folder instead")
    heads = int(fields.need("llama.attention.head_count"))
    hidden = int(fields.need("llama.embedding_length"))
    return {
        "vocab_size": len(fields.need("tokenizer.ggml.tokens")),
        "hidden_size": hidden,
        "intermediate_size": int(fields.need("llama.feed_forward_length")),
        "num_hidden_layers": int(fields.need("llama.block_count")),
        "num_attention_heads": heads,
        "num_key_value_heads": int(fields.get("llama.attention.head_count_kv", heads)),
        "head_dim": int(fields.get("llama.attention.key_length", hidden // heads)),
        "rms_norm_eps": float(fields.need("llama.attention.layer_norm_rms_epsilon")),
        "rope_theta": float(fields.get("llama.rope.freq_base", 10000.0)),
        "max_position_embeddings": int(fields.need("llama.context_length")),
        "tie_word_embeddings": tied,
        "bos_token_id": fields.get("tokenizer.ggml.bos_token_id"),
        "eos_token_id": fields.get("tokenizer.ggml.eos_token_id"),
    }


def tokenizer_of(fields: Fields) -> Tokenizer:
    kind = fields.need("tokenizer.ggml.model")
    if kind != "gpt2":
        raise LoadError(f"tokenizer {kind} in a GGUF file is not read; give a folder instead")
    tokens: List[str] = fields.need("tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ", 1)) for merge in fields.need("tokenizer.ggml.merges")]
    vocabulary = {token: at for at, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = words_of(fields.get("tokenizer.ggml.pre", "default"))
    tokenizer.decoder = decoders.ByteLevel()
    for at, marked in enumerate(fields.get("tokenizer.ggml.token_type", [])):
        if marked == control:
            tokenizer.add_special_tokens([AddedToken(tokens[at], special=True, normalized=False)])
        elif marked == user_defined:
            tokenizer.add_tokens([AddedToken(tokens[at], normalized=False)])

    first = fields.get("tokenizer.ggml.bos_token_id")
    if fields.get("tokenizer.ggml.add_bos_token", False) and first is not None:
        from tokenizers.processors import TemplateProcessing

        tokenizer.post_processor = TemplateProcessing(
            single=f"{tokens[first]} $A", special_tokens=[(tokens[first], first)]
        )
    return tokenizer


def words_of(name: str) -> Any:
    """How llama.cpp cuts text into words before the merges, by its name for it."""
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    if name == "smollm":
        digits = pre_tokenizers.Digits(individual_digits=True)
        return pre_tokenizers.Sequence([digits, gpt2])
    if name in ("gpt-2", "default"):
        if name == "default":
            say("the file does not say how text is cut into words: taken as GPT-2")
        return gpt2
    if name == "llama-bpe":
        split = pre_tokenizers.Split(Regex(llama3_words), "isolated")
        return pre_tokenizers.Sequence([split, bytes_only])
    raise LoadError(f"pre-tokenizer {name} in a GGUF file is not read; give a folder instead")
