"""The examples of Mocks/README.md do what the page says, from the first push on."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

from support import PORTS, WORK, MockCase, control, messages

README = pathlib.Path(__file__).parents[2] / "Mocks" / "README.md"


def blocks(language):
    """(heading, text) of each example, with the mock's usual addresses replaced by those of this one."""
    heading, fence, lines, found = "", None, [], []
    for line in README.read_text().splitlines():
        if line.startswith("```"):
            if fence == language:
                text = "\n".join(lines)
                for usual, name in ((9090, "http"), (9443, "tls"), (2525, "smtp"), (2465, "smtps")):
                    text = text.replace(f":{usual}", f":{PORTS[name]}")
                found.append((heading, text.replace("var/mock", str(WORK))))
            # The end of a block, or the language of the one that begins.
            fence, lines = (line[3:], []) if fence is None else (None, [])
        elif fence is not None:
            lines.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("# ")
    return found


class Examples(MockCase):
    def shell(self, text):
        # Whatever the mock refuses is a fault of the example.
        quiet = 'curl() { command curl --silent --show-error --fail-with-body "$@"; }\n'
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", quiet + text], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def test_the_first_push_by_each_provider_arrives(self):
        for heading, text in blocks("sh"):
            if heading == "See a first push":
                self.shell(text)
        seen = messages("?accepted=true")
        self.assertEqual([message["provider"] for message in seen], ["expo", "apns", "fcm", "smtp"])
        self.assertEqual([message.get("title") for message in seen], ["Hello"] * 3 + [None])
        self.assertEqual(seen[3]["codes"], ["482915"])

    def test_every_other_command_is_understood(self):
        others = [(heading, text) for heading, text in blocks("sh") if heading not in ("Start it", "See a first push")]
        self.assertGreaterEqual(len(others), 6)
        for heading, text in others:
            with self.subTest(heading):
                control("POST", "reset")
                self.shell(text)

    def test_the_scripts_shown_are_in_force(self):
        for heading, text in blocks("sh"):
            if heading == "Scripts":
                listed = self.shell(text)
        self.assertEqual(listed.count('"spent":false'), 4)

    def test_what_the_examples_say_is_answered_is_answered(self):
        (listed,) = (self.shell(text) for heading, text in blocks("sh") if heading == "Topics")
        self.assertTrue(listed.endswith('{"news":["fcm-token-of-anna"]}'), listed)

    def test_a_device_token_made_by_the_shell_has_its_words(self):
        made = [self.shell(text) for heading, text in blocks("sh") if heading == "Tokens and mailboxes that fail"]
        self.assertEqual([bytes.fromhex(token.strip()).rstrip(b"\0") for token in made], [b"TooManyRequests x2"])

    def test_the_python_example_passes(self):
        (example,) = (text for _, text in blocks("python"))
        done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        control("DELETE", "runs/py")

    def test_every_option_shown_exists(self):
        usage = subprocess.run([os.environ["MOCK_PROGRAM"], "--help"], capture_output=True, text=True, check=True).stdout
        shown = set(re.findall(r"`(--[a-z-]+)", README.read_text())) - {"--help", "--connect-to"}
        self.assertEqual({option for option in shown if option not in usage}, set())


if __name__ == "__main__":
    unittest.main()
