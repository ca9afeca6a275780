"""The PyTorch reference server: plain transformers on torch, one request at a time.

    python3 serve.py --model FILE.gguf|FOLDER --name ID --port N [--host H] [--threads N] [...]

`--help` lists the options. It listens once the model is loaded, until SIGTERM or SIGINT and, with
--exit-on-eof, until its standard input ends where that is a pipe. Log lines go to standard error.
Exit codes: 0 stopped as asked, 2 bad option, 3 torch or transformers cannot be loaded, 4 the model
cannot be loaded, 5 it cannot listen.
"""

from reference_server.cli import main


def load(options):
    # torch takes seconds to import: not before the options are known to be right.
    from reference_server.load import load_model

    return load_model(options)


if __name__ == "__main__":
    main(load)
