"""What the journeys share: a server of their own, the back office, invented people, and checks that
end the journey at the first field that differs.
"""

import argparse
import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MONEY = r"\d+(\.\d{2})?"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
DAY = r"\d{4}-\d\d-\d\d"


def fail(text, *more):
    print(f"FAILED  {text}", file=sys.stderr)
    for line in more:
        print(f"        {line}", file=sys.stderr)
    sys.exit(1)


def same(what, expected, given):
    if expected != given:
        fail(what, f"expected {expected!r}", f"got      {given!r}")
    print(f"ok  {what}")


def fields(what, thing, shape):
    """Every field of a shape is there, of its type, and looks as it says; and no other is."""
    if set(thing) != set(shape):
        fail(f"{what}: other fields", f"expected {sorted(shape)}", f"got      {sorted(thing)}")
    for name, form in shape.items():
        value = thing[name]
        if isinstance(form, tuple):  # may be missing: null
            if value is None:
                continue
            form = form[0]
        if isinstance(form, type):
            good = type(value) is form
        else:
            good = isinstance(value, str) and re.fullmatch(form, value) is not None
        if not good:
            fail(f"{what}: {name} is {value!r}", f"expected {form}")
    print(f"ok  {what}: {len(shape)} fields")


# --- a server of our own -------------------------------------------------------------------------


class Server:
    def __init__(self, binary, postgres, settings):
        self.folder = tempfile.mkdtemp(prefix="jiehuan-journey.")
        self.binary, self.postgres, self.database = binary, postgres, None
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("JIEHUAN_")}
        self.environment.update(
            JIEHUAN_PROFILE="bench",
            JIEHUAN_DATA=os.path.join(self.folder, "data"),
            JIEHUAN_PASSWORD_MEMORY_KIB="8192",
            JIEHUAN_PASSWORD_PASSES="1",
            JIEHUAN_PROVIDERS_SANDBOX_LISTEN="127.0.0.1:0",
            **settings,
        )
        if postgres:
            self.database = f"jiehuan_journey_{os.getpid()}"
            self.psql(f"CREATE DATABASE {self.database} TEMPLATE template0")
            place, _, _ = postgres.partition("?")
            self.environment["JIEHUAN_DATABASE"] = f"{place.rsplit('/', 1)[0]}/{self.database}"
        self.add_operators()
        self.greeting = os.path.join(self.folder, "greeting")
        self.log = open(os.path.join(self.folder, "log"), "w")
        with open(self.greeting, "w") as greeting:
            self.process = subprocess.Popen(
                [binary, "--listen", "127.0.0.1:0", "serve"],
                env=self.environment, cwd=self.folder, stdout=greeting, stderr=self.log)
        self.address = self.wait_for_address()
        with open(self.greeting) as greeting:
            found = re.search(r"(http://\S+/sandbox)  ", greeting.read())
        self.sandbox = found.group(1) if found else None

    def psql(self, statement):
        subprocess.run(["psql", "-X", "-q", self.postgres, "-c", statement], check=True)

    def add_operators(self):
        for login, roles in [
            ("reviewer", "reviewer,senior-reviewer"),
            ("senior", "reviewer,senior-reviewer"),
            ("cashier", "cashier"),
            ("boss", "administrator,auditor,risk-manager,product-manager"),
        ]:
            self.cli("operator", "add", login, "--role", roles, stdin="operator1234")

    def wait_for_address(self):
        until = time.time() + 30
        while time.time() < until:
            with open(self.greeting) as greeting:
                found = re.search(r"(http://\S+)/futureloan  all channels", greeting.read())
            if found:
                return found.group(1)
            if self.process.poll() is not None:
                fail("the server did not start", open(self.log.name).read())
            time.sleep(0.1)
        fail("the server did not start in 30 seconds")

    def cli(self, *arguments, stdin=""):
        done = subprocess.run([self.binary, *arguments], env=self.environment, cwd=self.folder,
                              input=stdin, capture_output=True, text=True)
        if done.returncode != 0:
            fail(f"jiehuan {' '.join(arguments)}", done.stdout, done.stderr)
        return done.stdout

    def close(self):
        if getattr(self, "process", None) and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            if self.process.wait(30) != 0:
                fail("the server did not end well", open(self.log.name).read())
        if self.database:
            self.psql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)

    def last_code(self, mobile):
        """The code of the last SMS to a number: a bench keeps what its sandbox would have sent."""
        path = os.path.join(self.environment["JIEHUAN_DATA"], "sandbox", "sms.journal")
        until = time.time() + 10
        while time.time() < until:
            lines = open(path).read().splitlines() if os.path.exists(path) else []
            texts = [line.split(f" {mobile} ", 1)[1] for line in lines if f" {mobile} " in f" {line}"]
            codes = [found.group(0) for found in (re.search(r"\d{6}", text) for text in texts) if found]
            if codes:
                return codes[-1]
            time.sleep(0.05)
        fail(f"no SMS to {mobile[:3]}****{mobile[7:]} in ten seconds")


def http(method, url, headers=None, body=None):
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


# --- the back office -----------------------------------------------------------------------------


class Office:
    def __init__(self, server, login):
        self.server, self.token = server, None
        self.token = self.call("POST", "login", login=login, password="operator1234")["token"]

    def call(self, method, path, **body):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        sent = json.dumps(body).encode() if method == "POST" else None
        status, _, answer = http(method, f"{self.server.address}/console/api/{path}", headers, sent)
        if status not in (200, 201, 202):
            fail(f"{method} {path}: HTTP {status}", answer.decode())
        return json.loads(answer)


def wait_for_day_end(boss, days):
    """Until the day so many days from now has been worked through, as far as it can be at this hour."""
    shanghai = datetime.timezone(datetime.timedelta(hours=8))
    day = (datetime.datetime.now(shanghai) + datetime.timedelta(days=days)).date().isoformat()
    until = time.time() + 60
    while time.time() < until:
        ended = boss.call("GET", "day-ends")["items"]
        if ended and ended[0]["day"] >= day and ended[0]["phase"] in ("done", "remind"):
            return
        time.sleep(0.2)
    fail("the day-ends did not finish in a minute", ended)


# --- invented people -----------------------------------------------------------------------------


def id_number(body):
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    total = sum(int(digit) * weight for digit, weight in zip(body, weights))
    return body + "10X98765432"[total % 11]


def card_number(body):
    for last in "0123456789":
        digits = [int(digit) for digit in reversed(body + last)]
        doubled = [d if place % 2 == 0 else d * 2 - 9 * (d > 4) for place, d in enumerate(digits)]
        if sum(doubled) % 10 == 0:
            return body + last
    return None


# --- walking it ----------------------------------------------------------------------------------


def walk(about, journey, **settings):
    """Runs a journey against a server of its own, on the store that the command line names."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", metavar="URL")
    parser.add_argument("--binary", metavar="FILE", default=os.path.join(HERE, "target/release/jiehuan"))
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    if not os.access(binary, os.X_OK):
        fail(f"{binary} is missing: cargo build --release")
    server = Server(binary, options.postgres, settings)
    print(f"serving at {server.address} on {'PostgreSQL' if options.postgres else 'SQLite'}")
    try:
        journey(server)
        proven = server.cli("verify")
        same("the books are clean", True, "the books are clean" in proven)
    finally:
        server.close()
    print("the journey is complete")
