"""A CA of one's own, and certificates that it signs, as files that servers and clients read."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from deploy.local import HOST

LIFE = timedelta(days=2)
LOCALHOST = x509.DNSName("localhost")
HERE = (x509.IPAddress(ip_address(HOST)), LOCALHOST)


class Authority:
    """A CA for servers on this machine."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        own = x509.BasicConstraints(ca=True, path_length=0)
        self.certificate = _begun(self._name, self._name, self._key).add_extension(own, True).sign(self._key, _SHA)

    @property
    def pem(self) -> bytes:
        """Its certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(self, folder: Path, names: Iterable[x509.GeneralName] = HERE) -> int:
        """Put a new certificate for this machine into the place of the old one: `certificate.pem`, `key.pem`, and both
        in `server.pem`; gives its number."""
        key = ec.generate_private_key(ec.SECP256R1())
        named = x509.SubjectAlternativeName(names)
        made = _begun(_name("server"), self._name, key).add_extension(named, False).sign(self._key, _SHA)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = made.public_bytes(Encoding.PEM)
        replace(folder / "key.pem", secret)
        replace(folder / "server.pem", secret + public)
        replace(folder / "certificate.pem", public)
        return made.serial_number


def replace(file: Path, content: bytes) -> None:
    """Write a file as a whole, as a manager of certificates does."""
    new = file.with_suffix(".new")
    new.write_bytes(content)
    new.chmod(0o600)
    new.replace(file)


_SHA = hashes.SHA256()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + LIFE)
    )
