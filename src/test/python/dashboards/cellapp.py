"""What the NGINX cells of a run stand in front of: answers after a while, and sometimes with an error."""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Manner:
    """How a cell behaves; changed while it runs."""

    median_s: float
    spread: float = 0.5
    error_rate: float = 0.0


class Server(ThreadingHTTPServer):
    daemon_threads = True
    # The default of 5 loses connections in a burst; the kernel's second attempt comes a second later.
    request_queue_size = 256


class CellApp:
    """One server for all cells, each under /<id>."""

    def __init__(self, manners: dict[str, Manner]) -> None:
        self.manners = manners
        self._server = Server(("127.0.0.1", 0), _handler(manners))
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(manners: dict[str, Manner]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body leave in one packet; in two, the second one waits for the first one's acknowledgement.
        wbufsize = -1

        def do_POST(self) -> None:
            cell = self.path.strip("/")
            manner = manners[cell]
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            time.sleep(random.lognormvariate(0, manner.spread) * manner.median_s)
            status = 500 if random.random() < manner.error_rate else 200
            body = json.dumps({"cellID": cell, "server": f"nginx-{cell}"}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
