"""An HTTPS endpoint outside, with a certificate of a CA of its own, that keeps what it is sent."""

import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


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
    ca, pair = _certificates(folder)

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
    context.load_cert_chain(pair)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    made = Endpoint(f"https://localhost:{server.server_port}/baoqiao", ca, server)
    made.at_hand.set()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return made


def _certificates(folder: Path) -> tuple[Path, Path]:
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a CA of the tests")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    ca = _builder(ca_name, ca_name, ca_key).add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    ca = ca.add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), False)
    own = _builder(name, ca_name, key).add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
    ca_file, pair_file = folder / "ca.pem", folder / "endpoint.pem"
    pem = serialization.Encoding.PEM
    ca_file.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pair_file.write_bytes(private + own.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    return ca_file, pair_file


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
    )
