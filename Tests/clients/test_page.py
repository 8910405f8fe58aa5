"""The inbox page, in a real browser and by its keyboard. SCREENSHOTS=DIRECTORY keeps what it looked like."""

import json
import smtplib
import ssl
import subprocess
import unittest
import urllib.request
from email.message import EmailMessage

from browser import Browser
from support import CA, PORTS, MockCase, control, key_file, messages

PAGE = f"http://127.0.0.1:{PORTS['http']}/"
TOKEN = "c0ffee00" * 8


def expo(to="ExponentPushToken[anna]", run=None, **fields):
    body = json.dumps({"to": to, "title": "Your order is on its way", "body": "It arrives on Friday.\nTap to follow it.", **fields}).encode()
    headers = {"content-type": "application/json"} | ({"x-mock-run": run} if run else {})
    urllib.request.urlopen(urllib.request.Request(f"{PAGE}--/api/v2/push/send", data=body, headers=headers)).read()


def apns(token=TOKEN, **aps):
    provider = urllib.request.urlopen(f"{PAGE}_mock/apns/token").read().decode()
    payload = {"aps": {"alert": {"title": "Chapter meeting", "subtitle": "Tonight", "body": "19:00 in the old mill"}, "badge": 3} | aps}
    subprocess.run(
        [
            "curl", "-sS", "--http2", "--cacert", CA, "-H", f"authorization: bearer {provider}", "-H", "apns-topic: com.example.app", "-d",
            json.dumps(payload), f"https://localhost:{PORTS['tls']}/3/device/{token}",
        ],
        check=True, capture_output=True)
    return provider


def fcm():
    access = urllib.request.urlopen(f"{PAGE}_mock/fcm/token").read().decode()
    message = {"message": {"token": "dQw4w9WgXcQ:APA91b" + "Ab3_" * 33, "notification": {"title": "Bonjour", "body": "Ça va?"}, "data": {"id": "n-1"}}}
    urllib.request.urlopen(urllib.request.Request(
        f"{PAGE}v1/projects/mock-project/messages:send", data=json.dumps(message).encode(), 
        headers={"authorization": f"Bearer {access}", "content-type": "application/json"})).read()


def mail(html=None):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Shop <shop@example.org>", "anna@example.org", "Your code: 482915"
    message["Message-ID"] = "<code-1@example.org>"
    message.set_content("Your code is 482915.\nOr open https://shop.example/in?t=1\n")
    message.add_alternative(html or '<h1 style="color:#0a6a62">Your code</h1><p style="font-size:2rem">482915</p>'
                            '<p><a href="https://shop.example/in?t=1">Sign in</a></p>', subtype="html")
    account = key_file("smtp.json")
    with smtplib.SMTP_SSL("localhost", PORTS["smtps"], context=ssl.create_default_context(cafile=CA)) as client:
        client.login(account["username"], account["password"])
        client.send_message(message)


class Page(MockCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def setUp(self):
        super().setUp()
        self.browser.requested.clear()
        self.browser.errors.clear()

    def tearDown(self):
        self.assertEqual(self.browser.errors, [], "no script of the page may fail")
        outside = [url for url in self.browser.requested if not url.startswith((PAGE, "data:", "about:"))]
        self.assertEqual(outside, [], "the page asks nobody but the mock")

    def text(self, selector):
        return self.browser.value(f"document.querySelector({json.dumps(selector)})?.innerText")

    def titles(self):
        return self.browser.value("[...document.querySelectorAll('#list .title')].map(title => title.textContent)")

    def wait_for_titles(self, count):
        self.browser.wait(f"document.querySelectorAll('#list li').length === {count}")

    def test_the_command_that_an_empty_page_shows_brings_the_first_push(self):
        self.browser.open(PAGE)
        self.browser.shoot("empty")
        command = self.text("#first")
        subprocess.run(command, shell=True, check=True, capture_output=True)
        self.wait_for_titles(1)
        self.assertEqual(self.titles(), ["Hello"])
        self.assertTrue(self.browser.value("document.getElementById('empty').hidden"))

    def test_everything_can_be_reached_by_keyboard(self):
        self.browser.open(PAGE)
        expo(badge=2)
        provider = apns()
        fcm()
        mail()
        self.wait_for_titles(4)
        self.assertEqual(self.titles(), ["Your code: 482915", "Bonjour", "Chapter meeting", "Your order is on its way"])
        self.browser.press("j")
        self.browser.wait("document.querySelector('#detail h2')?.textContent === 'Your code: 482915'")
        self.browser.press("ArrowDown")
        self.browser.press("ArrowDown")
        self.browser.wait("document.querySelector('#detail h2')?.textContent === 'Chapter meeting'")
        self.browser.shoot("push-light")
        self.assertIn("Lock screen: com.example.app, Chapter meeting, Tonight, 19:00 in the old mill", dict.fromkeys(name for _, name in self.browser.roles()))
        self.assertEqual(self.text(".phone .count"), "3")
        self.browser.press("Enter")
        self.browser.wait("document.activeElement.getAttribute('role') === 'tab'")
        self.browser.press("ArrowRight")
        self.assertIn('"subtitle": "Tonight"', self.text("#panel"))
        self.browser.press("3")
        request = self.text("#panel")
        self.assertIn(f"POST /3/device/{TOKEN} HTTP/2", request)
        self.assertIn("authorization: (secret of MOCKKEY001)", request)
        self.assertNotIn(provider, self.browser.value("document.documentElement.outerHTML"))
        self.browser.press("4")
        self.assertTrue(self.text("#panel").startswith("200\napns-id: "))
        self.browser.press("Escape")
        self.browser.press("End")
        self.browser.wait("document.querySelector('#detail h2')?.textContent === 'Your order is on its way'")
        self.browser.press("?")
        self.browser.wait("document.getElementById('help').open")
        self.browser.press("Escape")

    def test_a_screen_reader_is_told_what_things_are(self):
        self.browser.open(PAGE)
        expo()
        self.wait_for_titles(1)
        self.browser.press("j")
        self.browser.wait("!!document.getElementById('panel')")
        roles = self.browser.roles()
        for wanted in (("listbox", "Messages, newest first"), ("tablist", "Views of the message"), ("tab", "Lock screen"), ("tabpanel", "Lock screen"),
                       ("searchbox", "Search titles, texts, addresses, ids and reasons"), ("group", "Providers"), ("main", ""),
                       ("region", "Messages"), ("article", "The chosen message")):
            self.assertIn(wanted, roles)
        self.assertEqual(len([name for role, name in roles if role == "option" and "Your order" in name]), 1)
        self.assertTrue(self.browser.value("document.getElementById('list').getAttribute('aria-activedescendant') === document.querySelector('#list li').id"))

    def test_a_mail_is_shown_as_html_text_headers_source_and_dialogue_and_may_do_nothing(self):
        evil = ('<p id=shown>482915</p><script>top.document.title = "stolen"; fetch("https://evil.example/")</script>'
                '<img src="https://evil.example/pixel.png" onerror="top.document.title = \'stolen\'">')
        self.browser.open(PAGE)
        mail(evil)
        self.wait_for_titles(1)
        self.browser.press("j")
        self.browser.wait("document.querySelector('#panel iframe')?.getAttribute('sandbox') === ''")
        self.assertIn("Pictures from elsewhere are not loaded.", self.text("#panel"))
        self.browser.press("2")
        self.assertIn("Your code is 482915.", self.text("#panel"))
        self.browser.press("3")
        self.assertIn("Message-ID: <code-1@example.org>", self.text("#panel"))
        self.browser.press("4")
        self.assertIn("Content-Type: multipart/alternative", self.text("#panel"))
        self.browser.press("5")
        dialogue = self.text("#panel")
        self.assertIn("C: AUTH PLAIN (secret)", dialogue)
        self.assertIn("c: rcpt to:<anna@example.org>", dialogue.lower())
        self.assertIn("482915", self.text(".facts"))
        self.assertEqual(self.browser.value("document.title"), "mock-providers")

    def test_a_push_without_a_title_is_not_taken_for_a_silent_one(self):
        apns(alert="Only a body")
        apns(alert=None, badge=None, **{"content-available": 1})
        self.browser.open(PAGE)
        self.wait_for_titles(2)
        self.assertEqual(self.titles(), ["(silent push)", "(no title)"])
        self.browser.press("j")
        self.browser.wait("!!document.querySelector('.banner.silent')")
        self.browser.press("j")
        self.browser.wait("document.querySelector('.banner:not(.silent) .what')?.textContent === 'Only a body'")

    def test_a_message_to_a_topic_says_whom_it_reaches(self):
        access = urllib.request.urlopen(f"{PAGE}_mock/fcm/token").read().decode()
        headers = {"authorization": f"Bearer {access}", "content-type": "application/json"}
        project = f"{PAGE}v1/projects/mock-project"
        urllib.request.urlopen(urllib.request.Request(
            f"{project}/registrations/annas-registration/topicSubscriptions?topic_name=news", data=b"{}", headers=headers)).read()
        for topic in ("news", "weather"):
            message = {"message": {"topic": topic, "notification": {"title": f"To {topic}"}}}
            urllib.request.urlopen(urllib.request.Request(f"{project}/messages:send", data=json.dumps(message).encode(), headers=headers)).read()
        self.browser.open(PAGE)
        self.wait_for_titles(2)
        self.browser.press("j")
        self.browser.wait("document.querySelector('#detail h2')?.textContent === 'To weather'")
        self.assertIn("nobody: no device has subscribed", self.text(".facts"))
        self.browser.press("j")
        self.browser.wait("document.querySelector('#detail h2')?.textContent === 'To news'")
        self.assertIn("annas-registration", self.text(".facts"))

    def test_what_comes_in_is_text_never_markup(self):
        self.browser.open(PAGE)
        expo(title='<img src=x onerror="document.title=1">', body="<b>bold</b>")
        self.wait_for_titles(1)
        self.browser.press("j")
        self.browser.wait("!!document.querySelector('.phone')")
        self.assertEqual(self.titles(), ['<img src=x onerror="document.title=1">'])
        self.assertEqual(self.text(".banner .what"), "<b>bold</b>")
        self.assertEqual(self.browser.value("document.querySelectorAll('main img').length"), 0)

    def test_search_and_filters_narrow_the_list(self):
        expo()
        expo("ExponentPushToken[DeviceNotRegistered]", title="To nobody")
        mail()
        self.browser.open(PAGE)
        self.wait_for_titles(3)
        self.browser.press("/")
        for letter in "FRIDAY":
            self.browser.press(letter)
        self.wait_for_titles(2)
        self.browser.press("Escape")
        self.browser.value("document.getElementById('search').value = ''; document.getElementById('search').dispatchEvent(new Event('input'))")
        self.wait_for_titles(3)
        self.browser.value("document.getElementById('accepted').value = 'false'; document.getElementById('accepted').dispatchEvent(new Event('change'))")
        self.wait_for_titles(1)
        self.assertIn("DeviceNotRegistered", self.text("#list"))
        self.browser.value("document.getElementById('accepted').value = ''; document.getElementById('accepted').dispatchEvent(new Event('change'))")
        self.browser.value("document.querySelector('[data-provider=smtp]').click()")
        self.wait_for_titles(2)

    def test_runs_have_lists_of_their_own_and_a_reset_empties_the_page(self):
        expo()
        expo(run="night", title="By night")
        self.browser.open(PAGE + "?run=night")
        self.wait_for_titles(1)
        self.assertEqual(self.titles(), ["By night"])
        expo(run="night", title="Later")
        self.wait_for_titles(2)
        control("POST", "reset?run=night")
        self.wait_for_titles(0)
        control("DELETE", "runs/night")

    def test_a_flood_keeps_the_page_short_and_alive(self):
        self.browser.open(PAGE)
        for start in range(0, 2000, 100):
            tokens = [f"ExponentPushToken[t{number}]" for number in range(start, start + 100)]
            expo(tokens)
        newest = messages("?limit=1")[0]["number"]
        self.browser.wait(f"document.querySelector('#list li')?.dataset.number === '{newest}' && document.querySelectorAll('#list li').length <= 500")
        expo(title="After the flood")
        self.browser.wait("document.querySelector('#list .title')?.textContent === 'After the flood'")

    def test_it_is_fit_to_look_at_by_day_by_night_and_on_a_phone(self):
        expo()
        apns()
        apns("Unregistered".encode().hex().ljust(64, "0"))
        fcm()
        mail()
        for name, settings in (("dark", {"scheme": "dark"}), ("narrow", {"width": 420, "height": 900})):
            self.browser.open(PAGE, **settings)
            self.wait_for_titles(5)
            self.browser.press("j")
            self.browser.wait("document.querySelector('#panel iframe')?.dataset.drawn === 'true'")
            self.assertGreater(self.browser.colours()[(0x0A, 0x6A, 0x62)], 50, "the mail's heading is drawn in its colour")
            self.browser.shoot(f"mail-{name}")
            self.browser.press("j")
            self.browser.wait("!!document.querySelector('.phone')")
            self.browser.shoot(f"push-{name}")
            self.assertFalse(self.browser.value("document.documentElement.scrollWidth > innerWidth"), "nothing sticks out")
        dark = self.browser.open(PAGE, scheme="dark") or self.browser.value("getComputedStyle(document.body).backgroundColor")
        light = self.browser.open(PAGE) or self.browser.value("getComputedStyle(document.body).backgroundColor")
        self.assertNotEqual(dark, light)


if __name__ == "__main__":
    unittest.main()
