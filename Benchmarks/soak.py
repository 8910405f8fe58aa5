#!/usr/bin/env python3
"""Whether the gateway stays as it is under steady, mixed load: memory, descriptors, threads, and nothing lost.

soak.py accounts CONTROL DIR TLS SMTP          accounts at the mock (its control API at CONTROL), and the org files for them in DIR
soak.py run URL PID CONTROL DIR TLS SMTP DURATION RATE

Sends RATE notifications a second for DURATION seconds through all four providers: single ones, push-service's and push-dispatcher's batches. Some devices are
dead, providers refuse and drop a share of it all, callers hang up, credentials change. Prints a table and exits with 1 beyond a limit.
"""
import http.client
import json
import os
import random
import re
import socket
import statistics
import sys
import threading
import time
import urllib.parse

import load

ORGS = ("soak_a", "soak_b")
PROVIDERS = ("expo", "apns", "fcm", "smtp")
USERS = 40
BATCH = 20
CALLERS = 8
# Seconds between two samples, and between two changes of a credential; a replaced one is believed for another change.
SAMPLE = 2
ROTATE = 15
# Connections to the relay that an account may have. Each has a thread and three descriptors, and they come and go with the bursts: with the ten that are usual
# their number would go on growing to the largest burst of the whole time, and hide what does not go away.
RELAY_CONNECTIONS = 4
# Beyond these the gateway is not flat: the last fifth of the samples against the second one, which is after the warm-up, and the second half's slope a minute.
GROWTH = 1.06
SLOPE = 1.5
SPARE = {"descriptors": 8, "threads": 8, "WAL MB": 16}
# Of what the providers' waits allow: the longest that is asked for here is seconds.
SETTLED_WITHIN = 180


def mock(control, method, path, body=None):
    status, answer = load.call(load.connect(control), method, f"/_mock/{path}", body)
    if status >= 300:
        raise RuntimeError(f"the mock answered {status} to {path}: {answer}")
    return answer


def write_org(directory, org, account, tls, smtp):
    """As a whole or not at all: the gateway watches these files."""
    def put(name, text):
        path = os.path.join(directory, name)
        with open(path + ".new", "w") as file:
            file.write(text)
        os.rename(path + ".new", path)

    secrets = {"p8": account["apns"]["private_key"], "json": json.dumps(account["fcm"]), "smtp": account["smtp"]["password"],
               "expo": account["expo"]["access_token"]}
    for name, secret in secrets.items():
        put(f"{org}.{name}", secret)
    put(f"{org}.yaml", f"""org: {org}
parent: org_default
credentials:
  - {{ provider: expo, access_token: "file:{org}.expo" }}
  - {{ provider: apns, team_id: "{account["apns"]["team_id"]}", key_id: "{account["apns"]["key_id"]}", private_key: "file:{org}.p8",
      topic: com.example.app, environment: production }}
  - {{ provider: fcm, service_account: "file:{org}.json" }}
  - {{ provider: smtp, url: "smtp://localhost:{smtp}", username: "{account["smtp"]["username"]}", password: "file:{org}.smtp",
      from: "Soak <soak@example.org>", max_connections: {RELAY_CONNECTIONS} }}
""")


def accounts(control, directory, tls, smtp):
    for org in ORGS:
        write_org(directory, org, mock(control, "POST", "credentials", {"org": org}), tls, smtp)


class Ledger:
    """What was accepted, and what the mock has seen."""

    def __init__(self):
        self.lock = threading.Lock()
        self.next = 0
        self.accepted = {}
        self.dead = set()
        self.arrived = {}
        self.refusals = 0
        self.hung_up = 0
        self.repeated = 0
        self.read = 0

    def draw(self, count):
        with self.lock:
            first = self.next
            self.next += count
        return first

    def accept(self, number, identifier, is_dead):
        if not identifier:
            raise RuntimeError(f"notification {number} was accepted without an id")
        with self.lock:
            self.accepted[number] = identifier
            if is_dead:
                self.dead.add(number)

    def take(self, messages):
        for message in messages:
            if message["number"] != self.read + 1:
                raise RuntimeError(f"the mock forgot messages {self.read + 1} to {message['number'] - 1} before they were read")
            self.read = message["number"]
            title = message.get("title") or ""
            if not message["accepted"]:
                self.refusals += 1
            elif title.startswith("Soak "):
                number = int(title[5:])
                self.arrived[number] = self.arrived.get(number, 0) + 1


def content(number):
    return {"title": f"Soak {number}", "body": "Are you still there? " * 8, "data": {"id": str(number)}}


def token(org, provider, user):
    return {"expo": f"ExponentPushToken[{org}-{user}]", "apns": f"{ORGS.index(org):02x}{user:04x}".rjust(64, "e"),
            "fcm": f"device-{org}-{user}:APA91b"}[provider]


def target(number, provider, is_dead):
    if provider == "smtp":
        return {"email": f"{'perm-fail' if is_dead else 'reader'}+p{number}@soak.example.org"}
    word = {"expo": f"ExponentPushToken[{'DeviceNotRegistered' if is_dead else 'once'}-{number}]",
            "apns": ((b"Unregistered %d" % number).hex().ljust(64, "0") if is_dead else f"{number:016x}".rjust(64, "e")),
            "fcm": f"{'UNREGISTERED:APA91b' if is_dead else 'once:APA91b'}-{number}"}[provider]
    return {"token": word, "platform": "ios" if provider == "apns" else "android"}


def user(org, provider, index):
    return f"usr_{org}_{provider}_{index}"


def register(url, keys):
    connection = load.connect(url)
    for org in ORGS:
        for provider in PROVIDERS[:3]:
            for index in range(USERS):
                body = {"user_id": user(org, provider, index), "token": token(org, provider, index),
                        "platform": "ios" if provider == "apns" else "android"}
                status, answer = load.call(connection, "POST", "/api/v1/push-notifications/device-tokens", body,
                                           {"authorization": f"Bearer {keys[org]}"})
                if status not in (200, 201):
                    raise RuntimeError(f"a device was answered {status}: {answer}")


def hang_up(url, path, key, body):
    """Sends the whole call and is gone before the answer."""
    parts = urllib.parse.urlsplit(url)
    data = json.dumps(body).encode()
    head = (f"POST {path} HTTP/1.1\r\nhost: {parts.netloc}\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(data)}\r\n\r\n")
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(head.encode() + data)


class Load:
    def __init__(self, url, keys, ledger, rate):
        self.url, self.keys, self.ledger, self.rate = url, keys, ledger, rate
        self.lock = threading.Lock()
        self.due = time.monotonic()

    def pace(self, count):
        """When the next `count` notifications are due: the rate stays the same whatever the answers take, and what is late is not made up for."""
        with self.lock:
            moment = self.due = max(self.due, time.monotonic() - 1)
            self.due += count / self.rate
        wait = moment - time.monotonic()
        if wait > 0:
            time.sleep(wait)

    def caller(self, index, until):
        rng = random.Random(index)
        connection = load.connect(self.url)
        while time.monotonic() < until:
            org = rng.choice(ORGS)
            kind = rng.random()
            if kind < 0.08:
                self.batch(connection, rng, org)
            else:
                self.pace(1)
                self.one(connection, rng, org, kind)
            if rng.random() < 0.02:
                # Callers come and go.
                connection.close()

    def one(self, connection, rng, org, kind):
        number = self.ledger.draw(1)
        is_dead = kind >= 0.3 and rng.random() < 0.03
        if kind < 0.3:
            path = "/api/v1/push-notifications"
            body = {**content(number), "user_id": user(org, rng.choice(PROVIDERS[:3]), rng.randrange(USERS))}
        else:
            provider = rng.choice(PROVIDERS)
            path = "/api/v1/deliveries"
            body = {**content(number), "provider": provider, "to": target(number, provider, is_dead)}
        if not is_dead and rng.random() < 0.04:
            self.ledger.hung_up += 1
            return hang_up(self.url, path, self.keys[org], body)
        answer = self.post(connection, path, org, body, number, waits=rng.random() < 0.1)
        self.ledger.accept(number, answer.get("id"), is_dead)

    def batch(self, connection, rng, org):
        self.pace(BATCH)
        first = self.ledger.draw(BATCH)
        targets = [{**content(number), "user_id": user(org, rng.choice(PROVIDERS[:3]), rng.randrange(USERS))} for number in range(first, first + BATCH)]
        answer = self.post(connection, "/api/v1/notifications/batch", org, {"targets": targets}, first, waits=False)
        for number, result in zip(range(first, first + BATCH), answer["results"], strict=True):
            self.ledger.accept(number, result.get("notification_id"), False)

    def post(self, connection, path, org, body, number, waits):
        headers = {"authorization": f"Bearer {self.keys[org]}", "idempotency-key": f"soak-{number}",
                   "prefer": "wait=2" if waits else "respond-async"}
        for attempt in range(200):
            try:
                status, answer = load.call(connection, "POST", path, body, headers)
            except (http.client.HTTPException, OSError):
                connection.close()
                status, answer = 0, None
            if 200 <= status < 300:
                return answer
            if status not in (0, 409, 429, 500, 503):
                raise RuntimeError(f"{path} was answered {status}: {answer}")
            self.ledger.repeated += 1
            time.sleep(0.05)
        raise RuntimeError(f"{path} is answered {status} again and again")


def fates():
    """What goes wrong all the time, at such rates that hundreds of connections are lost in ten minutes. Every wait that is asked for is short."""
    def answer(provider, rate, stage=None, **answer):
        return {"rate": rate, "match": {"provider": provider, **({"stage": stage} if stage else {})}, "answer": answer}

    def fault(provider, rate, name):
        return {"rate": rate, "match": {"provider": provider}, "fault": name}

    return [
        answer("apns", 0.01, reason="TooManyRequests", retry_after=2), fault("apns", 0.005, "goaway_after"), fault("apns", 0.005, "refused_stream"),
        answer("fcm", 0.01, reason="QUOTA_EXCEEDED", retry_after=2), answer("fcm", 0.005, reason="UNAVAILABLE", retry_after=2),
        fault("fcm", 0.003, "goaway_after"), fault("fcm", 0.002, "reset"),
        # Of up to a hundred messages in a request one is enough.
        answer("expo", 0.001, stage="request", status=429, reason="TOO_MANY_REQUESTS", retry_after=2),
        answer("expo", 0.0005, stage="request", status=503), fault("expo", 0.001, "goaway_after"),
        fault("smtp", 0.02, "reset"), fault("smtp", 0.01, "close_after_body"),
    ]


class Rotation:
    """Makes a new credential now and then, and has the one before it refused some time after."""

    def __init__(self, control, directory, tls, smtp):
        self.control, self.directory, self.tls, self.smtp = control, directory, tls, smtp
        self.count = 0

    def run(self, stop):
        turns = [(org, provider) for provider in ("apns", "fcm", "expo", "smtp") for org in ORGS]
        replaced = None
        while not stop.wait(ROTATE):
            org, provider = turns[self.count % len(turns)]
            before = self.good(org, provider)
            account = mock(self.control, "POST", "credentials/rotate", {"org": org, "provider": provider})
            write_org(self.directory, org, account, self.tls, self.smtp)
            self.count += 1
            if replaced:
                for identifier in replaced[2]:
                    mock(self.control, "POST", "credentials/revoke", {"org": replaced[0], "provider": replaced[1], "id": identifier})
            # A password is replaced at once, there is nothing left to refuse.
            replaced = (org, provider, before) if provider != "smtp" else None

    def good(self, org, provider):
        account = next(a for a in mock(self.control, "GET", "accounts")["accounts"] if a.get("org") == org)
        return [c["id"] for c in account["credentials"] if c["provider"] == provider and not c["revoked"] and c["id"] != "certificate"]


class Samples:
    COLUMNS = ("resident MB", "descriptors", "threads", "database MB", "WAL MB")

    def __init__(self, url, pid, database):
        self.url, self.pid, self.database = url, pid, database
        self.rows = []
        self.peak = 0.0

    def run(self, stop):
        start = time.monotonic()
        while True:
            self.rows.append((time.monotonic() - start, self.read()))
            if stop.wait(SAMPLE):
                return

    def read(self):
        with open(f"/proc/{self.pid}/status") as file:
            status = dict(line.split(":", 1) for line in file)
        kilobytes = lambda name: int(status[name].split()[0]) / 1024
        self.peak = kilobytes("VmHWM")
        # The gateway hides /proc/PID/fd from everybody but root, and tells the number itself.
        connection = load.connect(self.url)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        size = lambda path: os.path.getsize(path) / (1 << 20) if os.path.exists(path) else 0.0
        return (kilobytes("VmRSS"), float(re.search(r"^process_open_fds ([0-9.e+]+)", text, re.M)[1]), int(status["Threads"]),
                size(self.database), size(self.database + "-wal"))


def table(samples):
    """Prints how each figure went, and gives what is not flat."""
    rows, faults = samples.rows, []
    fifth = len(rows) // 5
    line = "{:<14} {:>10} {:>14} {:>10} {:>10} {:>20}".format
    print(line("", "start", "after warm-up", "middle", "end", "2nd half, a minute"))
    for column, name in enumerate(Samples.COLUMNS):
        values = [row[1][column] for row in rows]
        warm, middle, end = (statistics.median(values[n * fifth:(n + 1) * fifth]) for n in (1, 2, 4))
        half = len(rows) // 2
        slope = statistics.linear_regression([row[0] / 60 for row in rows[half:]], values[half:]).slope
        number = (lambda v: f"{v:.0f}") if name in ("descriptors", "threads") else (lambda v: f"{v:.1f}")
        print(line(name, number(values[0]), number(warm), number(middle), number(end), f"{slope:+.2f}"))
        if name == "resident MB" and end > warm * GROWTH:
            faults.append(f"resident memory grew from {warm:.1f} MB after the warm-up to {end:.1f} MB at the end, more than {GROWTH:g} times")
        if name == "resident MB" and slope > SLOPE:
            faults.append(f"resident memory grows by {slope:.2f} MB a minute in the second half, more than {SLOPE:g}")
        if name in SPARE and end > warm + SPARE[name]:
            faults.append(f"{name} grew from {number(warm)} after the warm-up to {number(end)} at the end, by more than {SPARE[name]}")
    print(f"peak memory {samples.peak:.1f} MB, {len(rows)} samples")
    return faults


def settle(url, control, ledger):
    """Waits until nothing is under way, and all that the mock took is read."""
    connection = load.connect(url)
    end = time.monotonic() + SETTLED_WITHIN
    while time.monotonic() < end:
        left = [item for state in ("queued", "sending", "sent")
                for item in load.call(connection, "GET", f"/api/v1/deliveries?state={state}&limit=10")[1]["data"]]
        if not left:
            break
        time.sleep(0.2)
    messages = mock(control, "GET", f"messages?after={ledger.read}&brief=true&limit=50000")["messages"]
    ledger.take(messages)
    failed = load.call(connection, "GET", "/api/v1/deliveries?state=failed&limit=1")[1]["pagination"]["total"]
    return left, failed


def run(url, pid, control, directory, tls, smtp, duration, rate):
    keys = {org: os.environ[f"KEY_{org}"] for org in ORGS}
    ledger = Ledger()
    register(url, keys)
    mock(control, "POST", "chaos", {"seed": 1, "fates": fates()})
    stop, failures = threading.Event(), []
    samples = Samples(url, pid, os.path.join(os.path.dirname(directory), "hermod.sqlite"))
    rotation = Rotation(control, directory, tls, smtp)

    def reader():
        while not stop.is_set():
            ledger.take(mock(control, "GET", f"messages?after={ledger.read}&brief=true&limit=50000&wait=250ms&min=1")["messages"])

    def operator():
        connection = load.connect(url)
        while not stop.wait(5):
            for path in ("/readyz", "/api/v1/deliveries?limit=50", "/api/v1/deliveries?state=failed&limit=50"):
                status, _ = load.call(connection, "GET", path)
                if status != 200:
                    raise RuntimeError(f"{path} was answered {status}")

    def guarded(work, *arguments):
        try:
            work(*arguments)
        except Exception as error:  # told below; one failure ends the run
            failures.append(error)
            stop.set()

    traffic = Load(url, keys, ledger, rate)
    until = time.monotonic() + duration
    callers = [threading.Thread(target=guarded, args=(traffic.caller, index, until)) for index in range(CALLERS)]
    watchers = [threading.Thread(target=guarded, args=work) for work in ((samples.run, stop), (rotation.run, stop), (reader,), (operator,))]
    for thread in callers + watchers:
        thread.start()
    for thread in callers:
        thread.join()
    stop.set()
    mock(control, "DELETE", "chaos")
    for thread in watchers:
        thread.join()
    if failures:
        raise SystemExit(f"soak: {failures[0]!r}")
    left, failed = settle(url, control, ledger)

    faults = table(samples)
    lost = [number for number in ledger.accepted if number not in ledger.arrived and number not in ledger.dead]
    twice = sum(count - 1 for count in ledger.arrived.values())
    print(f"{duration} s: {ledger.next} sent, {len(ledger.accepted)} accepted, {len(ledger.arrived)} arrived, {len(ledger.dead)} to dead devices, "
          f"{ledger.hung_up} callers hung up, {ledger.refusals} refusals and {twice} repetitions at the providers, {ledger.repeated} calls repeated, "
          f"{rotation.count} credentials changed, {ledger.next / duration:.0f}/s")
    if lost:
        faults.append(f"{len(lost)} accepted notifications never arrived: {', '.join(ledger.accepted[n] for n in lost[:5])}")
    for item in left:
        print("soak:", json.dumps({k: item[k] for k in ("provider", "state", "attempts", "next_attempt_at", "reason")}), file=sys.stderr)
    if left:
        faults.append(f"{len(left)} deliveries or more were still under way {SETTLED_WITHIN} s after the last call")
    if failed != len(ledger.dead):
        faults.append(f"the gateway tells of {failed} failures where {len(ledger.dead)} devices were dead")
    if ledger.next < 0.9 * rate * duration:
        faults.append(f"the gateway did not keep up: {ledger.next / duration:.0f}/s instead of {rate}/s")
    for fault in faults:
        print("soak:", fault, file=sys.stderr)
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    if len(sys.argv) == 6 and sys.argv[1] == "accounts":
        accounts(*sys.argv[2:])
    elif len(sys.argv) == 10 and sys.argv[1] == "run":
        run(sys.argv[2], int(sys.argv[3]), *sys.argv[4:8], int(sys.argv[8]), int(sys.argv[9]))
    else:
        raise SystemExit(__doc__)
