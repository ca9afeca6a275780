"""Runs the client of `vllm bench serve` without the rest of vLLM.

The client is vLLM's own code, unpacked from its wheel (the folder is the first argument); what it
imports from the engine side of vLLM is replaced here, as far as an online benchmark of a text model
needs it. Everything on the measuring path (requests, stamps, statistics) is the wheel's.

    python serve.py FOLDER_WITH_VLLM --backend openai-chat --base-url ... (flags of vllm bench serve)
"""

import argparse
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import json
import logging
import os
import sys
import types

root = sys.argv[1]


class Anything:
    """Stands for a class or function that is imported but not used here."""

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return None

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __class_getitem__(cls, item):
        return cls


class WordTokenizer:
    """One word, one token; the words are those of a WordLevel tokenizer.json."""

    all_special_ids: list = []

    def __init__(self, path):
        with open(os.path.join(path, "tokenizer.json"), encoding="utf-8") as file:
            self.vocab = json.load(file)["model"]["vocab"]
        self.words = [word for word, _ in sorted(self.vocab.items(), key=lambda item: item[1])]
        self.vocab_size = len(self.words)
        self.name_or_path = path

    def __len__(self):
        return self.vocab_size

    def num_special_tokens_to_add(self):
        return 0

    def encode(self, text, add_special_tokens=False):
        return [self.vocab.get(word, 0) for word in text.split()]

    def decode(self, ids, skip_special_tokens=True):
        return " ".join(self.words[i % self.vocab_size] for i in ids)

    def __call__(self, text, add_special_tokens=False):
        return types.SimpleNamespace(input_ids=self.encode(text))

    def get_vocab(self):
        return self.vocab


def freeze_gc_heap():
    gc.collect(0)
    gc.collect(1)
    gc.collect(2)
    gc.freeze()


def join_host_port(host, port):
    return f"{host}:{port}"


ours = {
    "vllm.tokenizers": {
        "TokenizerLike": WordTokenizer,
        "get_tokenizer": lambda path, **kwargs: WordTokenizer(path),
    },
    "vllm.utils.argparse_utils": {"FlexibleArgumentParser": argparse.ArgumentParser},
    "vllm.utils.gc_utils": {"freeze_gc_heap": freeze_gc_heap},
    "vllm.utils.network_utils": {"join_host_port": join_host_port},
    "vllm.utils.mistral": {"is_mistral_tokenizer": lambda tokenizer: False},
    "vllm.utils.import_utils": {"PlaceholderModule": Anything},
    "vllm.logger": {"init_logger": logging.getLogger},
}


class Stub(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Any `vllm.*` that was not unpacked becomes an empty module of stand-ins."""

    def find_spec(self, name, path=None, target=None):
        if not name.startswith("vllm."):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return Stub(spec.name)

    def exec_module(self, module):
        module.__dict__.update(ours.get(module.__name__, {}))


package = types.ModuleType("vllm")
package.__path__ = [os.path.join(root, "vllm")]
package.__version__ = "client modules only"
sys.modules["vllm"] = package
sys.meta_path.append(Finder())  # last: what is on disk wins

from vllm.benchmarks.serve import add_cli_args, main  # noqa: E402

parser = argparse.ArgumentParser(prog="vllm bench serve (client modules only)")
add_cli_args(parser)
main(parser.parse_args(sys.argv[2:]))
