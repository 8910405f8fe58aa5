"""The mock under test, and what every client of it needs: addresses, credentials, the CA."""

import json
import os
import pathlib
import unittest
import urllib.request

WORK = pathlib.Path(os.environ["MOCK_WORK"])
PORTS = {name: int(os.environ[f"MOCK_{name.upper()}_PORT"]) for name in ("http", "tls", "smtp", "smtps")}
CA = str(WORK / "ca.pem")
CONTROL = f"http://127.0.0.1:{PORTS['http']}/_mock/"


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(CONTROL + path, data=data, method=method), timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def messages(query=""):
    return control("GET", "messages" + query)["messages"]


def key_file(name):
    return json.loads((WORK / name).read_text())


class MockCase(unittest.TestCase):
    """Each test begins with a mock that remembers nothing."""

    def setUp(self):
        control("POST", "reset")

    def script(self, match, times=None, fault=None, **answer):
        script = {"match": match}
        if answer:
            script["answer"] = answer
        if fault:
            script["fault"] = fault
        if times:
            script["times"] = times
        return control("POST", "script", script)["ids"][0]
