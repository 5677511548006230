"""A small internet on loopback: names, public addresses, and servers that answer as a test says.

Only the two functions that a `Network` is made of are replaced. What is judged public or not is the real rule.
"""

import datetime
import socket
import ssl
import threading
import time
from contextlib import suppress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deliverables.link_checks.fetching import Network

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
ADDRESS = "93.184.216.34"


def status(code, *headers):
    return "\r\n".join([f"HTTP/1.1 {code} As Said", *headers, "", ""]).encode("latin-1")


def redirect(location):
    return status(302, f"Location: {location}")


def dripping(answer, *, every=0.1):
    """The bytes of an answer, one now and then."""
    for byte in answer:
        yield bytes([byte])
        time.sleep(every)


class Internet:
    """`names` holds what each look-up of a name returns, one after the other: the last is repeated."""

    def __init__(self):
        self.names, self.servers, self.requests, self.connected, self.looked_up, self.sent = {}, {}, [], [], [], 0
        self.trusted = ssl.create_default_context()
        self.listening = []

    def serve(self, name, answer, *, address=ADDRESS, tls=None):
        """Have a server at a public address answer for a name. `answer` is bytes, or a function of the request."""
        self.names.setdefault(name, [[address]])
        listener = socket.create_server(("127.0.0.1", 0))
        self.listening.append(listener)
        self.servers[address] = listener.getsockname()
        threading.Thread(target=self.accept, args=(listener, answer, tls), daemon=True).start()

    def accept(self, listener, answer, tls):
        with suppress(OSError):  # it was closed
            while True:
                sock, _address = listener.accept()
                threading.Thread(target=self.respond, args=(sock, answer, tls), daemon=True).start()

    def respond(self, sock, answer, tls):
        with suppress(OSError), sock, tls.wrap_socket(sock, server_side=True) if tls else sock as stream:
            text = b""
            while b"\r\n\r\n" not in text:
                if not (part := stream.recv(65_536)):
                    return
                text += part
            self.requests.append(text.decode("latin-1"))
            said = answer(self.requests[-1]) if callable(answer) else answer
            for part in [said] if isinstance(said, bytes) else said:
                stream.sendall(part)
                self.sent += len(part)

    def look_up(self, host, port, **options):
        """Names are made up. Numbers are left to the real resolver, which knows all ways of writing them."""
        self.looked_up.append(host)
        if host not in self.names:
            options["flags"] = socket.AI_NUMERICHOST
            return socket.getaddrinfo(host, port, **options)
        answers = self.names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [found for address in addresses for found in socket.getaddrinfo(address, port, **options)]

    def connect(self, family, address, timeout):
        self.connected.append(address[:2])
        if address[0] not in self.servers:
            raise ConnectionRefusedError
        return socket.create_connection(self.servers[address[0]], timeout)

    @property
    def network(self):
        return Network(self.look_up, self.connect, self.trusted)

    @property
    def methods(self):
        return [request.split(" ")[0] for request in self.requests]

    def close(self):
        for listener in self.listening:
            listener.close()


def certificate(name, folder):
    """Return a TLS context of a server with a certificate for this name, and the certificate for clients to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    text = made.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    path = folder / f"{name}.pem"
    path.write_text(private + text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, text
