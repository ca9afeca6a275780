"""GGUF to Hugging Face format, with the same tokenizer and chat template.

    python3 convert.py FILE.gguf FOLDER [--dtype float32|bfloat16|float16]

Needs numpy, gguf and tokenizers, not torch. Quantised weights are dequantised; float32
keeps every bit of that. The last line on standard output is a JSON object that says what was written.
Exit codes: 2 bad option, 3 a library cannot be loaded, 4 the file cannot be converted.
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
        from reference_server.gguf_file import GgufFile
        from reference_server.model_folder import write_folder
    except ImportError as error:
        print(f"error: cannot import: {error}", file=sys.stderr)
        sys.exit(3)
    from reference_server.model import LoadError

    try:
        file = GgufFile(options.source)
        write_folder(file, options.folder, options.dtype)
    except LoadError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(4)
    names = sorted(os.listdir(options.folder))
    files = {name: os.path.getsize(os.path.join(options.folder, name)) for name in names}
    print(json.dumps({"weights": file.described(options.dtype), "files": files}))


if __name__ == "__main__":
    main()
