"""A tracker whose organisation signs in by OpenID Connect, and a small provider that can also answer wrongly.

What goes right is tested against a provider of others, oidc-provider-mock, which cannot do wrong.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.server import free_port, manage, serving, wait_for

START, SESSIONS = "/accounts/organisation/", "/accounts/sessions/"
CLIENT = {"OIDC_CLIENT_ID": "tracker", "OIDC_CLIENT_SECRET": "a secret: with/signs", "OIDC_NAME": "Metropolis"}
NUMBERS = count()
EVERY_PROBLEM = re.compile(r"<h1>\s*(.*?)\s*</h1>", re.S)


def environment_with(environment, url, **more):
    """Return the environment of a tracker, with this provider."""
    return environment | CLIENT | {"OIDC_URL": url, "SECOND_FACTOR": "true"} | more


def run(environment, code):
    """Run code in a process of the tracker, and return what it prints."""
    imports = "from metropolis_tracker.accounts.models import User; "
    return manage(environment, "shell", "-v0", "-c", imports + code).strip()


class Tracker:
    """A tracker that serves, with its environment and its security log."""

    def __init__(self, address, environment, log):
        self.address, self.environment, self.log = address, environment, log

    def run(self, code):
        return run(self.environment, code)

    def add(self, *emails, role="Secretariat"):
        """Add people without a password."""
        self.run(f"[User.objects.create_user(email, name='Nadia Fassi', role='{role}') for email in {emails}]")

    def reasons(self):
        """Return why sign-ins have failed, as the security log says."""
        events = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [
            (event["reason"], event["detail"]) for event in events if event["event"].endswith("organisation failed")
        ]


@contextmanager
def tracker_with(environment, folder):
    """Serve a tracker with these settings until the block ends."""
    log = folder / "log"
    with open(log, "wb") as file, serving(environment, workers=1, log=file) as address:
        yield Tracker(address, environment, log)


@contextmanager
def provider_of_others(*people):
    """Run oidc-provider-mock on loopback, with the claims of these people. Gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    command += ["--require-registration", "true", "--require-nonce", "true"]
    command += [part for claims in people for part in ("--user-claims", json.dumps(claims))]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **quiet)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/.well-known/openid-configuration")
        yield url
    finally:
        process.terminate()
        process.wait(20)


def register(url, environment):
    """Register the tracker at oidc-provider-mock, with its redirect address. Return the settings that it gets."""
    form = {
        "redirect_uris": [f"http://127.0.0.1:{environment['PORT']}/accounts/organisation/callback/"],
        "token_endpoint_auth_method": "client_secret_post",
    }
    given = requests.post(f"{url}/oauth2/clients", json=form, timeout=10).json()
    return {"OIDC_CLIENT_ID": given["client_id"], "OIDC_CLIENT_SECRET": given["client_secret"]}


class OwnAddress(requests.adapters.HTTPAdapter):
    """Sends from an address of its own on loopback."""

    def __init__(self, source):
        self.source = source
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs, source_address=(self.source, 0))


class Browser:
    """A browser without JavaScript, which follows what the pages say. Each has an address: limits hold for each."""

    def __init__(self, address):
        self.address, self.session = address, requests.Session()
        self.session.mount("http://", OwnAddress(f"127.0.1.{next(NUMBERS) % 250 + 1}"))

    def get(self, path):
        return self.session.get(self.address + path, timeout=30)

    def start(self, page="/accounts/login/?next=/mail/", **form):
        """Press the button of a page. Return the page that leads to the provider, or that says why not."""
        text = self.get(page).text
        path, fields = re.search(r'action="([^"]*/accounts/organisation/)"(.*?)</form>', text, re.S).groups()
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', fields)) | form
        return self.session.post(self.address + path, form, headers={"Origin": self.address}, timeout=30)

    def send(self, path, **form):
        """Send a form to the page that it is on."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path).text)[1]
        form |= {"csrfmiddlewaretoken": token}
        return self.session.post(self.address + path, form, headers={"Origin": self.address}, timeout=30)

    def sign_in(self, sub=None, page="/accounts/login/?next=/mail/", **form):
        """Go the whole way. `sub` is who signs in at oidc-provider-mock, or None where the provider asks nobody."""
        answer = self.start(page, **form)
        if "Refresh" not in answer.headers:
            return answer
        address = answer.headers["Refresh"].removeprefix("0; url=")
        if sub is None:
            return self.session.get(address, timeout=30)
        choice = {"action": "deny"} if sub == "deny" else {"sub": sub}
        return self.session.post(address, choice, timeout=30)

    @property
    def person(self):
        """Return the e-mail address of who is signed in, or None."""
        answer = self.get(SESSIONS)
        found = re.search(r"</bdi></b>\s*<br>\s*(\S+@\S+)", answer.text)
        return found and found[1]


def heading(answer):
    """Return the status and the heading of a page."""
    return answer.status_code, " ".join(EVERY_PROBLEM.search(answer.text)[1].split())


class Provider:
    """A provider that signs in `claims` at once. `wrong` changes what it answers."""

    def __init__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.key, self.other_key = (rsa.generate_private_key(65537, 2048) for _key in range(2))
        self.codes, self.asked = {}, []
        self.be()

    def be(self, claims=None, **wrong):
        """Sign in whom these claims name. `wrong` may change: description, token, kid, key, userinfo, seconds"""
        self.claims = claims or {"sub": "s-1", "email": "sofia@metropolis.example", "email_verified": True}
        self.wrong = wrong

    def description(self):
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        urls = {name: f"{self.url}/{path}" for name, path in (names | {"jwks_uri": "keys"}).items()}
        methods = ["client_secret_post", "client_secret_basic"]
        given = {"issuer": self.url, "token_endpoint_auth_methods_supported": methods} | urls
        return given | self.wrong.get("description", {})

    def keys(self):
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [key | {"kid": "one", "use": "sig", "alg": "RS256"}]}

    def authorize(self, query):
        """Return where the browser is redirected."""
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form):
        """Return the answer to a code, and its status. Each code works once, with the verifier that fits it."""
        asked = self.codes.pop(form["code"])
        challenge = generate_challenge(form["code_verifier"])
        if form["client_secret"] != CLIENT["OIDC_CLIENT_SECRET"] or challenge != asked["code_challenge"]:
            return {"error": "invalid_client"}, 401
        now = int(time.time())
        claims = {"iss": self.url, "aud": form["client_id"], "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= {"auth_time": now} | self.claims | self.wrong.get("token", {})
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.wrong.get("key", self.key)
        algorithm = self.wrong.get("algorithm", "RS256")
        header = {"kid": self.wrong.get("kid", "one")}
        token = jwt.encode(claims, key if algorithm != "none" else "", algorithm, headers=header)
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": token}, self.wrong.get("status", 200)


def generate_challenge(verifier):
    """Return the challenge of PKCE that fits a verifier, without its padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def handler_of(provider):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802 (the name that the standard library calls)
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            time.sleep(provider.wrong.get("seconds", {}).get(parts.path, 0))
            if parts.path == "/authorize":
                self.redirect(provider.authorize(dict(parse_qsl(parts.query))))
            elif parts.path == "/userinfo":
                self.answer(provider.wrong.get("userinfo", {}))
            elif parts.path == "/keys":
                self.answer(provider.keys())
            else:
                self.answer(provider.description())

        def do_POST(self):  # noqa: N802 (the name that the standard library calls)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            provider.asked.append(self.path)
            time.sleep(provider.wrong.get("seconds", {}).get(self.path, 0))
            self.answer(*provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def redirect(self, address):
            self.send_response(302)
            self.send_header("Location", address)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def answer(self, value, status=200):
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # the tracker waits no longer
                self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    return Handler


@contextmanager
def own_provider():
    """Run the provider of the tests until the block ends."""
    provider = Provider()
    thread = threading.Thread(target=provider.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        provider.server.server_close()
        thread.join()
