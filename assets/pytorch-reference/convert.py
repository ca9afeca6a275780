"""GGUF to Hugging Face format, with the same tokenizer and chat template.

    python3 convert.py FILE.gguf FOLDER [--dtype float32|bfloat16|float16]

Quantised weights are dequantised; float32 keeps every bit of that. The last line on standard output
is a JSON object that says what was written. Exit codes: 2 bad option, 3 a library cannot be loaded,
4 the file cannot be converted.
"""

import argparse
import json
import os
import sys


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("folder")
    dtypes = ["float32", "bfloat16", "float16"]
    parser.add_argument("--dtype", choices=dtypes, default="float32")
    options = parser.parse_args()
    try:
        import torch

        from reference_server.gguf_model import load_gguf
        from reference_server.torch_model import end_ids_of
    except ImportError as error:
        print(f"error: cannot import: {error}", file=sys.stderr)
        sys.exit(3)
    from reference_server.model import LoadError

    try:
        model, tokenizer, weights = load_gguf(options.source, options.dtype, {})
    except LoadError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(4)
    model = model.to(getattr(torch, options.dtype))
    # Engines stop at all of them, as the server here and llama.cpp do.
    model.generation_config.eos_token_id = sorted(end_ids_of(model, tokenizer))
    model.save_pretrained(options.folder, safe_serialization=True)
    tokenizer.save_pretrained(options.folder)
    files = {name: os.path.getsize(os.path.join(options.folder, name)) for name in os.listdir(options.folder)}
    print(json.dumps({"weights": weights, "files": files}))


if __name__ == "__main__":
    main()
