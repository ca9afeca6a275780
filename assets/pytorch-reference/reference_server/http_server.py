"""HTTP/1.1 around the scheduler, on the standard library's threading server."""

from __future__ import annotations

import json
import re
import select
import socket
import time
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List, Optional

from .errors import ApiError, bad_request
from .generate import Piece, generate
from .log import say
from .metrics import metrics_page
from .model import Model, TokenScores
from .params import chat_prompt, flag, parse_params, score_params
from .scheduler import Scheduler
from .wire import Wire, to_bytes

largest_body = 64 << 20
slowest_reader_s = 30


class ReferenceServer(ThreadingHTTPServer):
    daemon_threads = True
    # The default backlog of 5 refuses bursts.
    request_queue_size = 1024

    def __init__(self, host: str, port: int, model: Model, name: str):
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.model = model
        self.name = name
        self.started = int(time.time())
        self.scheduler = Scheduler()
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        # HTTPServer's own asks the name service who it is, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ReferenceServer

    def do_GET(self) -> None:
        path = self.path.split("?")[0].rstrip("/")
        if path == "/metrics":
            self.reply(200, metrics_page(self.server.scheduler).encode(), "text/plain")
        elif path == "/health":
            self.reply_json(200, {"status": "ok"})
        elif path == "/v1/models":
            self.reply_json(200, {"object": "list", "data": [self.model_card()]})
        elif path == f"/v1/models/{self.server.name}":
            self.reply_json(200, self.model_card())
        elif path == "/server_info":
            self.reply_json(200, self.server.model.info)
        else:
            self.reply_error(self.no_such_path(path))

    def do_POST(self) -> None:
        path = self.path.split("?")[0].rstrip("/")
        routes = {
            "/v1/completions": lambda body: self.generate(body, chat=False),
            "/v1/chat/completions": lambda body: self.generate(body, chat=True),
            "/tokenize": self.tokenize,
            "/v1/score": self.score,
        }
        try:
            # Read in any case: what is left of a body would pass for the next request.
            body = self.read_body()
            if path not in routes:
                raise self.no_such_path(path)
            routes[path](parse_object(body))
        except ApiError as error:
            self.reply_error(error)
        except OSError:
            self.close_connection = True

    def generate(self, body: Dict[str, Any], chat: bool) -> None:
        server = self.server
        params = parse_params(body, chat, server.model, server.name)
        wire = Wire(server.model, server.name, params)
        counters = server.scheduler.counters
        pieces: List[Piece] = []
        begun = False
        arrived = time.monotonic()
        times: Dict[str, float] = {}

        def work() -> None:
            nonlocal begun
            times["queue"] = time.monotonic() - arrived
            if self.is_gone():
                return
            counters.prompt_tokens += len(params.prompt)
            for piece in generate(server.model, params, self.is_gone):
                counters.generated_tokens += 1
                pieces.append(piece)
                times["e2e"] = time.monotonic() - arrived
                times.setdefault("ttft", times["e2e"])
                if not params.stream:
                    continue
                events = [wire.first(), wire.piece(piece)] if not begun else [wire.piece(piece)]
                self.send_events(events, begin=not begun)
                begun = True

        self.connection.settimeout(slowest_reader_s)
        try:
            server.scheduler.do(work)
        except OSError:
            pass  # The client hung up, or does not read.
        except Exception as error:
            counters.failed += 1
            failure = ApiError(500, f"{type(error).__name__}: {error}", code="generation_failed")
            self.fail(failure, begun)
            return
        finally:
            self.connection.settimeout(None)
        if not pieces or pieces[-1].finish is None:
            counters.cancelled += 1
            self.close_connection = True
            return
        counters.requests += 1
        if params.stream:
            self.send_events([wire.last()] if params.include_usage else [], end=True)
        else:
            self.reply_json(200, wire.whole(pieces))
        self.log_request_times(times, len(pieces))

    def log_request_times(self, times: Dict[str, float], tokens: int) -> None:
        """For `bench show --server-log`. Behind the answer: nobody waits for it."""
        request_id = self.headers.get("X-Request-Id") or ""
        if not re.fullmatch(r"[\w.-]{1,128}", request_id):
            return
        told = " ".join(f"{name}_ms={1000 * s:.3f}" for name, s in times.items())
        say(f"request {request_id} {told} tokens={tokens}")

    def fail(self, error: ApiError, begun: bool) -> None:
        """Inside a stream the status is long out: the error is an event, and the stream is cut."""
        if not begun:
            self.reply_error(error)
            return
        self.close_connection = True
        self.send_events([error.body()])

    def tokenize(self, body: Dict[str, Any]) -> None:
        """vLLM's form (`prompt` or `messages`) and llama.cpp's (`content`)."""
        model = self.server.model
        if "messages" in body:
            ids = chat_prompt(body, model)
        else:
            field = "content" if "content" in body else "prompt"
            if not isinstance(body.get(field), str):
                raise bad_request(f"{field} has to be a text.", field)
            special = "add_special" if field == "content" else "add_special_tokens"
            ids = model.encode(body[field], flag(body, special))
        told = {"count": len(ids), "max_model_len": model.context_tokens, "tokens": ids}
        self.reply_json(200, told)

    def score(self, body: Dict[str, Any]) -> None:
        """How likely a given reply to a chat is, token by token: for judging what others answered."""
        server = self.server
        reply, prompt, temperature, banned = score_params(body, server.model)
        told: List[TokenScores] = []

        def work() -> None:
            told.append(server.model.score(prompt, reply, temperature, banned))

        try:
            server.scheduler.do(work)
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            raise ApiError(500, message, code="score_failed")
        self.reply_json(200, {"prompt_tokens": len(prompt), "tokens": len(reply), **asdict(told[0])})

    def is_gone(self) -> bool:
        """Whether the client has closed its end: nobody waits for the rest."""
        poller = select.poll()
        poller.register(self.connection, select.POLLIN)
        if not poller.poll(0):
            return False
        try:
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def send_events(
        self, events: List[Optional[Dict[str, Any]]], begin: bool = False, end: bool = False
    ) -> None:
        """One write for all: the client sees them arrive together."""
        data = b"".join(b"data: " + to_bytes(event) + b"\n\n" for event in events if event)
        if end:
            data += b"data: [DONE]\n\n"
        frame = b"%x\r\n%b\r\n" % (len(data), data) + (b"0\r\n\r\n" if end else b"")
        if begin:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream; charset=utf-8")
            self.send_header("Cache-Control", "no-cache")
            self.send_header("Transfer-Encoding", "chunked")
            frame = self.take_head() + frame
        self.wfile.write(frame)

    def reply(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        try:
            self.wfile.write(self.take_head() + data)
        except OSError:
            self.close_connection = True

    def take_head(self) -> bytes:
        """The head as bytes, to leave in one packet with what follows."""
        if self.close_connection:
            self.send_header("Connection", "close")
        head = b"".join(self._headers_buffer) + b"\r\n"
        self._headers_buffer = []
        return head

    def reply_json(self, status: int, value: Any) -> None:
        self.reply(status, to_bytes(value), "application/json")

    def reply_error(self, error: ApiError) -> None:
        say(f"{self.command} {self.path.split('?')[0]} {error.status} {error.code or ''}")
        self.reply_json(error.status, error.body())

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            raise ApiError(411, "The reference server wants a Content-Length.")
        text = self.headers.get("Content-Length") or "0"
        if not text.isdigit() or int(text) > largest_body:
            self.close_connection = True
            raise ApiError(413, f"A body may have {largest_body} bytes.")
        return self.rfile.read(int(text))

    def model_card(self) -> Dict[str, Any]:
        return {
            "id": self.server.name,
            "object": "model",
            "created": self.server.started,
            "owned_by": "pytorch-reference",
            "max_model_len": self.server.model.context_tokens,
        }

    def no_such_path(self, path: str) -> ApiError:
        return ApiError(404, f"There is no {self.command} {path or '/'} here.", code="not_found")

    def log_message(self, format: str, *args: Any) -> None:
        pass  # A line for each request would be work inside the measurement.


def parse_object(body: bytes) -> Dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise bad_request(f"The body is not valid JSON: {error}.")
    if not isinstance(value, dict):
        raise bad_request("The body has to be a JSON object.")
    return value
