"""
GGUF of the Llama architecture to a transformers model with the same tokenizer. Quantised weights are
dequantised. Format: github.com/ggml-org/ggml, docs/gguf.md.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, List, Tuple

import gguf
import numpy
import torch
from gguf.quants import dequantize
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from .log import say
from .model import LoadError

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


def load_gguf(path: str, dtype: str, attention: Dict[str, str]) -> Tuple[Any, Any, str]:
    """@raises LoadError"""
    try:
        reader = gguf.GGUFReader(path)
    except (ValueError, OSError, IndexError) as error:
        raise LoadError(f"not a GGUF model: {path}: {error}")
    fields = Fields(reader)
    architecture = fields.get("general.architecture")
    if architecture != "llama":
        raise LoadError(
            f"unsupported model architecture {architecture!r} in a GGUF file: "
            "only llama is read; give a folder in Hugging Face format instead"
        )
    state, types = read_weights(reader, fields)
    config = config_of(fields, tied="lm_head.weight" not in state, attention=attention)
    model = LlamaForCausalLM(config)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if config.tie_word_embeddings:
        model.lm_head.weight = model.model.embed_tokens.weight
        missing = [name for name in missing if name != "lm_head.weight"]
    if missing or unexpected:
        raise LoadError(f"weights do not fit: missing {missing[:3]}, unexpected {unexpected[:3]}")
    check_rope(model, fields)
    listed = ", ".join(f"{count} {name}" for name, count in types.most_common())
    quantised = any(name not in ("F32", "F16", "BF16") for name in types)
    how = f"dequantised to {dtype}" if quantised else f"as {dtype}"
    return model, tokenizer_of(fields), f"{how} from GGUF tensors: {listed}"


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


def read_weights(reader: Any, fields: Fields) -> Tuple[Dict[str, torch.Tensor], "Counter[str]"]:
    heads = int(fields.need("llama.attention.head_count"))
    kv_heads = int(fields.get("llama.attention.head_count_kv", heads))
    state: Dict[str, torch.Tensor] = {}
    types: "Counter[str]" = Counter()
    for tensor in reader.tensors:
        types[tensor.tensor_type.name] += 1
        weight = dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32, copy=True)
        name = names.get(tensor.name)
        if name is None:
            first, _, rest = tensor.name.partition(".")
            number, _, part = rest.partition(".")
            kind = block_names.get(part.rsplit(".", 1)[0])
            if first != "blk" or kind is None or not part.endswith(".weight"):
                raise LoadError(f"unknown tensor {tensor.name}")
            name = f"model.layers.{number}.{kind}.weight"
            if kind.endswith("q_proj"):
                weight = unpermute(weight, heads)
            elif kind.endswith("k_proj"):
                weight = unpermute(weight, kv_heads)
        state[name] = torch.from_numpy(numpy.ascontiguousarray(weight))
    return state, types


def unpermute(weight: numpy.ndarray, heads: int) -> numpy.ndarray:
    """llama.cpp pairs neighbouring rows in its rotary embedding, transformers pairs halves."""
    rows = weight.shape[0]
    pairs = weight.reshape(heads, rows // heads // 2, 2, *weight.shape[1:])
    return pairs.swapaxes(1, 2).reshape(weight.shape)


def config_of(fields: Fields, tied: bool, attention: Dict[str, str]) -> LlamaConfig:
    scaling = fields.get("llama.rope.scaling.type", "none")
    if scaling != "none":
        raise LoadError(f"rope scaling {scaling} in a GGUF file is not read; give a folder instead")
    heads = int(fields.need("llama.attention.head_count"))
    hidden = int(fields.need("llama.embedding_length"))
    base = float(fields.get("llama.rope.freq_base", 10000.0))
    config = LlamaConfig(
        vocab_size=len(fields.need("tokenizer.ggml.tokens")),
        hidden_size=hidden,
        intermediate_size=int(fields.need("llama.feed_forward_length")),
        num_hidden_layers=int(fields.need("llama.block_count")),
        num_attention_heads=heads,
        num_key_value_heads=int(fields.get("llama.attention.head_count_kv", heads)),
        head_dim=int(fields.get("llama.attention.key_length", hidden // heads)),
        rms_norm_eps=float(fields.need("llama.attention.layer_norm_rms_epsilon")),
        rope_theta=base,
        max_position_embeddings=int(fields.need("llama.context_length")),
        tie_word_embeddings=tied,
        bos_token_id=fields.get("tokenizer.ggml.bos_token_id"),
        eos_token_id=fields.get("tokenizer.ggml.eos_token_id"),
        **attention,
    )
    # Its name since transformers 5.
    if isinstance(getattr(config, "rope_parameters", None), dict):
        config.rope_parameters["rope_theta"] = base
    return config


def check_rope(model: Any, fields: Fields) -> None:
    """Versions of transformers take the base under different names; a wrong one only garbles text."""
    rotary = getattr(model.model, "rotary_emb", None)
    if rotary is None or not hasattr(rotary, "inv_freq"):
        return
    base = float(fields.get("llama.rope.freq_base", 10000.0))
    got = rotary.inv_freq.float()
    expected = base ** -(torch.arange(len(got)).float() / len(got))
    if not torch.allclose(got.cpu(), expected, rtol=1e-4):
        raise LoadError("this version of transformers does not take the rope base of the file")


def tokenizer_of(fields: Fields) -> PreTrainedTokenizerFast:
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

    def token(name: str) -> Any:
        at = fields.get(f"tokenizer.ggml.{name}_token_id")
        return None if at is None else tokens[at]

    if fields.get("tokenizer.ggml.add_bos_token", False) and token("bos") is not None:
        from tokenizers.processors import TemplateProcessing

        first = token("bos")
        tokenizer.post_processor = TemplateProcessing(
            single=f"{first} $A", special_tokens=[(first, vocabulary[first])]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=token("bos"),
        eos_token=token("eos"),
        chat_template=fields.get("tokenizer.chat_template"),
        model_max_length=int(fields.need("llama.context_length")),
    )


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
