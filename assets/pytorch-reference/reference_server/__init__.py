"""A small OpenAI-compatible server without batching: the yardstick that engines are compared with.

Everything but `load`, `gguf_model` and `torch_model` is standard library, and knows the model only
by the `Model` and `Session` of `model.py`; tests serve a toy one.
"""
