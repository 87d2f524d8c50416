"""An HTTPS endpoint outside, with a certificate of a CA of its own, that keeps what it is sent."""

import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support.certificates import LOCALHOST, Authority


@dataclass
class Endpoint:
    """What it was sent, and what it answers while `at_hand` is set; `url` names it, `ca` is the file that proves it."""

    url: str
    ca: Path
    server: ThreadingHTTPServer
    answers: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    at_hand: threading.Event = field(default_factory=threading.Event)


def endpoint(folder: Path) -> Endpoint:
    """Start one on a free port; `server.shutdown()` ends it."""
    authority, ca = Authority("a CA of the tests"), folder / "ca.pem"
    ca.write_bytes(authority.pem)
    authority.issue(folder, [LOCALHOST])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append((dict(self.headers.items()), body))
            made.at_hand.wait()
            self.send_response(made.answers)
            self.send_header("Location", made.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    made = Endpoint(f"https://localhost:{server.server_port}/baoqiao", ca, server)
    made.at_hand.set()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return made
