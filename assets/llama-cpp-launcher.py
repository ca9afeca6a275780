"""Runs the llama.cpp HTTP server of the xllamacpp wheel as a program.

    PYTHONPATH=<folder of the wheel> python3 llama-cpp-launcher.py --model FILE --port N [...]

It listens until SIGTERM or SIGINT, and, with --exit-on-eof, until its standard input ends where
that is a pipe: whoever started it holds the other end, so it cannot outlive them. Log lines go
to standard error. `--set NAME=VALUE` reaches any scalar of CommonParams by its dotted name; the
flags of llama-server that searches turn are there too.
Exit codes: 0 stopped as asked, 2 bad option, 3 the wheel cannot be loaded, 4 the server failed.
"""

import argparse
import enum
import os
import signal
import stat
import sys
import threading


def say(message):
    print(f"launcher: {message}", file=sys.stderr, flush=True)


# Flags of llama-server, and what they are called in CommonParams.
SERVER_FLAGS = {
    "--batch-size": "n_batch",
    "--ubatch-size": "n_ubatch",
    "--flash-attn": "flash_attn_type",
    "--cache-type-k": "cache_type_k",
    "--cache-type-v": "cache_type_v",
}
SERVER_WORDS = {"on": "ENABLED", "off": "DISABLED"}


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--alias")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--parallel", type=int, default=1, help="slots")
    parser.add_argument("--ctx-size", type=int, default=0, help="tokens over all slots")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    for flag, name in SERVER_FLAGS.items():
        parser.add_argument(flag, dest=name)
    parser.add_argument("--exit-on-eof", action="store_true")
    return parser.parse_args()


def import_wheel():
    try:
        import xllamacpp
    except ImportError as error:
        say(f"cannot load xllamacpp: {error}")
        sys.exit(3)
    return xllamacpp


def choice_of(kind, text):
    """A member of an enumeration by the end of its name: `q8_0` is GGML_TYPE_Q8_0."""
    wanted = "_" + SERVER_WORDS.get(text.lower(), text).upper()
    for member in kind:
        if ("_" + member.name).endswith(wanted):
            return member
    raise ValueError(f"not one of {', '.join(member.name for member in kind)}")


def set_param(params, setting):
    """Applies `a.b=value`, taking the type of the value that is there."""
    name, separator, text = setting.partition("=")
    target = params
    *path, last = name.split(".")
    try:
        for part in path:
            target = getattr(target, part)
        current = getattr(target, last)
        if not separator:
            raise ValueError("expected NAME=VALUE")
        if isinstance(current, bool):
            if text.lower() not in ("true", "false", "1", "0", "on", "off"):
                raise ValueError("expected true or false")
            value = text.lower() in ("true", "1", "on")
        elif isinstance(current, enum.Enum):
            value = choice_of(type(current), text)
        elif isinstance(current, (int, float, str)):
            value = type(current)(text)
        else:
            raise ValueError(f"cannot be set from text ({type(current).__name__})")
        setattr(target, last, value)
    except (AttributeError, ValueError, TypeError, OverflowError) as error:
        say(f"error: invalid argument: --set {setting}: {error}")
        sys.exit(2)


def build_params(xllamacpp, args):
    params = xllamacpp.CommonParams()
    params.model.path = args.model
    params.hostnames = [args.host]
    params.port = args.port
    params.n_parallel = args.parallel
    params.n_ctx = args.ctx_size
    if args.alias:
        params.model_alias = {args.alias}
    if args.threads:
        params.cpuparams.n_threads = args.threads
        params.cpuparams_batch.n_threads = args.threads
    params.endpoint_metrics = True
    params.endpoint_slots = True
    params.ui = False
    flags = {name: getattr(args, name) for name in SERVER_FLAGS.values()}
    turned = [f"{name}={value}" for name, value in flags.items() if value is not None]
    for setting in turned + args.set:
        set_param(params, setting)
    return params


def exit_now(reason, code=0):
    """The server's worker threads do not stop on request; its state is all in memory."""
    say(f"stopping: {reason}")
    os._exit(code)


def is_pipe(descriptor):
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def wait_for_eof():
    while os.read(0, 4096):
        pass
    exit_now("standard input ended")


def main():
    args = parse_args()
    xllamacpp = import_wheel()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _frame: exit_now(signal.Signals(number).name))
    if args.exit_on_eof and is_pipe(0):
        threading.Thread(target=wait_for_eof, daemon=True).start()
    if not os.path.isfile(args.model):
        say(f"error: failed to open model file {args.model}: no such file")
        sys.exit(4)
    say(f"xllamacpp {xllamacpp.__version__}, pid {os.getpid()}")
    try:
        server = xllamacpp.Server(build_params(xllamacpp, args))
    except Exception as error:
        say(f"error: {error}")
        sys.stderr.flush()
        os._exit(4)
    say(f"listening on {server.listening_address}")
    threading.Event().wait()


if __name__ == "__main__":
    main()
