"""Chromium by its debugging pipe (Chrome DevTools Protocol): one page, real keys, screenshots. Needs nothing but Python's own library."""

import base64
import collections
import fcntl
import json
import os
import pathlib
import select
import struct
import subprocess
import tempfile
import time
import zlib


class Browser:
    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        reads, self.output = os.pipe()
        self.input, writes = os.pipe()
        # Chromium reads descriptor 3 and writes to 4; ours must not lie in their way.
        reads, writes = (fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (reads, writes))
        self.process = subprocess.Popen(
            [
                "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe",
                "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", f"--user-data-dir={self.profile.name}",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False,
            preexec_fn=lambda: (os.dup2(reads, 3), os.dup2(writes, 4)))
        os.close(reads)
        os.close(writes)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.requested = []
        self.errors = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        os.close(self.input)
        os.close(self.output)
        self.profile.cleanup()

    def send(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == message["id"]:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.take(answer)

    def receive(self, timeout=30):
        while b"\0" not in self.buffer:
            if not select.select([self.input], [], [], timeout)[0]:
                raise TimeoutError("chromium does not answer")
            chunk = os.read(self.input, 1 << 16)
            if not chunk:
                raise RuntimeError("chromium is gone")
            self.buffer += chunk
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def take(self, event):
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requested.append(parameters["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(parameters["exceptionDetails"])

    def open(self, url, width=1200, height=820, scheme="light"):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.send("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && document.getElementById('state').textContent === 'live'")

    def value(self, expression):
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, expression, timeout=10):
        """Until the page says yes. The page is asked, since what it shows has no event of its own."""
        end = time.monotonic() + timeout
        while True:
            try:
                if self.value(expression):
                    return
            except RuntimeError:
                # Between two pages there is nothing to ask.
                pass
            if time.monotonic() > end:
                raise TimeoutError(f"not within {timeout} s: {expression}; the page shows: {self.value('document.body.innerText')}")

    def press(self, key, text=None):
        codes = {"ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39, "ArrowLeft": 37, "Enter": 13, "Escape": 27, "Home": 36, "End": 35, "Tab": 9}
        code = codes.get(key, ord(key.upper()) if len(key) == 1 else 0)
        text = text if text is not None else key if len(key) == 1 else "\r" if key == "Enter" else ""
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, text=text, windowsVirtualKeyCode=code)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def roles(self):
        """What a screen reader is told: (role, name) of everything that is not ignored."""
        nodes = self.send("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node.get("ignored") and "role" in node]

    def picture(self):
        return base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])

    def shoot(self, name):
        if directory := os.environ.get("SCREENSHOTS"):
            (pathlib.Path(directory) / f"{name}.png").write_bytes(self.picture())

    def colours(self):
        """How often each colour is on the screen: the only way to know that what lies in a frame without rights has been drawn."""
        data = self.picture()
        width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
        size = {2: 3, 6: 4}[kind]
        if depth != 8:
            raise ValueError("screenshots have eight bits a channel")
        packed, place = b"", 8
        while place < len(data):
            length, name = struct.unpack(">I4s", data[place:place + 8])
            if name == b"IDAT":
                packed += data[place + 8:place + 8 + length]
            place += length + 12
        rows, before, found = zlib.decompress(packed), bytearray(width * size), collections.Counter()
        for row in range(height):
            start = row * (width * size + 1)
            before = unfiltered(rows[start], bytearray(rows[start + 1:start + 1 + width * size]), before, size)
            found.update(zip(*(before[channel::size] for channel in range(3))))
        return found


def unfiltered(kind, line, before, size):
    """One row of a PNG (its specification, section 9)."""
    for index in range(len(line)):
        left = line[index - size] if index >= size else 0
        above = before[index]
        corner = before[index - size] if index >= size else 0
        if kind == 4:
            guess = left + above - corner
            nearest = min((left, above, corner), key=lambda value: abs(guess - value))
        line[index] = (line[index] + (0, left, above, (left + above) // 2, nearest if kind == 4 else 0)[kind]) & 255
    return line
