"""What ./evaluate and ./snapshot call: writes one request to the evaluator's socket.

The evaluator runs outside of the sandbox. Its answers are lines of JSON: {"say": text} while it
works, then one with "result". Exit codes: 0 passed, 1 did not pass, 2 wrong use, 3 refused or no
evaluator.
"""

import json
import os
import socket
import sys

SOCKET = os.path.join(os.environ["ARENA"], "evaluator.sock")
USES = {"evaluate": ("quick", "full"), "snapshot": ()}


def main():
    name, *args = sys.argv[1:]
    as_json = "--json" in args
    words = [arg for arg in args if arg != "--json"]
    allowed = USES[name]
    if (allowed and (len(words) != 1 or words[0] not in allowed)) or (not allowed and words):
        print(f"use: ./{name} {'|'.join(allowed)} [--json]", file=sys.stderr)
        return 2
    request = {"want": words[0] if words else name}
    try:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(SOCKET)
        connection.sendall((json.dumps(request) + "\n").encode())
        result = None
        for line in connection.makefile(encoding="utf-8"):
            message = json.loads(line)
            if "say" in message:
                print(message["say"], file=sys.stderr, flush=True)
            result = message.get("result", result)
    except (OSError, ValueError) as error:
        result = {"ok": False, "refused": f"no evaluator: {error}", "text": ""}
    if result is None:
        result = {"ok": False, "refused": "the evaluator ended without an answer", "text": ""}
    print(json.dumps(result) if as_json else result["refused"] or result["text"])
    if result["refused"]:
        return 3
    return 0 if result["ok"] else 1


sys.exit(main())
