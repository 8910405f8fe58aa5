"""smtplib of Python's library and aiosmtplib. Changed in nothing but host, port and CA."""

import asyncio
import email
import smtplib
import ssl
import unittest
from email.message import EmailMessage

import aiosmtplib

from support import CA, PORTS, MockCase, control, key_file, messages


def mail(to="anna@example.org", text="Your code is 482915.\n", html=None):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = "shop@example.org", to, "Grüße", "<1@example.org>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


class Library(MockCase):
    def client(self, login=True):
        account = key_file("smtp.json")
        client = smtplib.SMTP("localhost", PORTS["smtp"], timeout=10)
        client.starttls(context=ssl.create_default_context(cafile=CA))
        if login:
            client.login(account["username"], account["password"])
        self.addCleanup(client.close)
        return client

    def test_a_mail_is_accepted_and_read(self):
        text = "Your code is 482915.\n.a line that begins with a dot\n"
        self.client().send_message(mail(text=text, html='<p>Code <b>482915</b> <a href="https://shop.example/in?t=1">in</a></p>'))
        (seen,) = messages("?wait=5s")
        self.assertEqual((seen["subject"], seen["body"].replace("\r\n", "\n")), ("Grüße", text))
        self.assertEqual((seen["codes"], seen["links"]), (["482915"], ["https://shop.example/in?t=1"]))
        self.assertFalse(seen["bare_line_ends"])

    def test_over_tls_from_the_start_and_with_an_international_address(self):
        account = key_file("smtp.json")
        with smtplib.SMTP_SSL("localhost", PORTS["smtps"], timeout=10, context=ssl.create_default_context(cafile=CA)) as client:
            client.login(account["username"], account["password"])
            client.send_message(mail("jörg@example.org"))
        self.assertEqual(messages()[0]["to"], "jörg@example.org")

    def test_some_recipients_may_be_refused(self):
        refused = self.client().sendmail("a@example.org", ["perm-fail@example.org", "anna@example.org"], "Subject: x\r\n\r\nx\r\n")
        self.assertEqual({to: code for to, (code, _) in refused.items()}, {"perm-fail@example.org": 550})
        self.assertEqual([message["to"] for message in messages("?accepted=true")], ["anna@example.org"])

    def test_each_step_has_its_exception(self):
        client = self.client()
        for to, expected, code in (
            ("perm-fail", smtplib.SMTPRecipientsRefused, 550), ("temp-fail", smtplib.SMTPRecipientsRefused, 451),
            ("greylist", smtplib.SMTPRecipientsRefused, 451), ("spam", smtplib.SMTPDataError, 550), ("dot-temp-fail", smtplib.SMTPDataError, 451),
            ("too-big", smtplib.SMTPDataError, 552), ("data-554-5.5.1", smtplib.SMTPDataError, 554),
        ):
            with self.subTest(to), self.assertRaises(expected) as raised:
                client.sendmail("a@example.org", f"{to}@example.org", "Subject: x\r\n\r\nx\r\n")
            found = raised.exception.recipients[f"{to}@example.org"][0] if expected is smtplib.SMTPRecipientsRefused else raised.exception.smtp_code
            self.assertEqual(found, code)
            client.rset()
        with self.assertRaises(smtplib.SMTPSenderRefused):
            client.sendmail("mail-553-5.1.7@example.org", "anna@example.org", "x")
        client.rset()
        self.assertEqual(client.sendmail("a@example.org", "anna@example.org", "Subject: x\r\n\r\nx\r\n"), {})

    def test_passwords_are_checked_and_asked_for(self):
        with self.assertRaises(smtplib.SMTPAuthenticationError) as raised:
            self.client(login=False).login("mock", "wrong")
        self.assertEqual(raised.exception.smtp_code, 535)
        with self.assertRaises(smtplib.SMTPSenderRefused) as raised:
            self.client(login=False).sendmail("a@example.org", "anna@example.org", "x")
        self.assertEqual(raised.exception.smtp_code, 530)

    def test_a_mail_too_big_is_refused_before_it_is_sent(self):
        with self.assertRaises(smtplib.SMTPSenderRefused) as raised:
            self.client().sendmail("a@example.org", "anna@example.org", "x" * (26 << 20))
        self.assertEqual(raised.exception.smtp_code, 552)

    def test_a_greeting_that_says_no_and_a_line_that_goes_dead(self):
        self.script({"provider": "smtp", "stage": "greeting"}, times=1, status=421, reason="4.3.2", body="Busy\nTry later")
        with self.assertRaises(smtplib.SMTPConnectError) as raised:
            smtplib.SMTP("localhost", PORTS["smtp"], timeout=10)
        self.assertEqual((raised.exception.smtp_code, raised.exception.smtp_error), (421, b"4.3.2 Busy\n4.3.2 Try later"))
        self.script({"provider": "smtp"}, times=1, fault="close_after_body")
        with self.assertRaises(smtplib.SMTPServerDisconnected):
            self.client().send_message(mail())
        self.client().send_message(mail())
        self.assertEqual(control("GET", "duplicates")["extra"], 1)

    def test_a_bounce_can_be_read_by_pythons_parser(self):
        self.client().send_message(mail("bounce@example.org"))
        (back,) = messages("?to=shop@example.org")
        report = email.message_from_string(back["source"])
        self.assertEqual((report.get_content_type(), report.get_param("report-type")), ("multipart/report", "delivery-status"))
        _, status, headers = report.get_payload()
        self.assertEqual(status.get_payload()[1]["Status"], "5.1.1")
        self.assertEqual(status.get_payload()[1]["Final-Recipient"], "rfc822;bounce@example.org")
        self.assertIn("Message-ID: <1@example.org>", headers.get_payload())

    def test_greylisting_passes_with_time(self):
        client = self.client()
        with self.assertRaises(smtplib.SMTPRecipientsRefused):
            client.send_message(mail("greylist@example.org"))
        control("POST", "clock", {"advance": "6m"})
        client.send_message(mail("greylist@example.org"))
        self.assertEqual(len(messages("?accepted=true")), 1)


class Asynchronous(MockCase):
    def send(self, message, **more):
        account = key_file("smtp.json")
        settings = {
            "hostname": "localhost", "port": PORTS["smtp"], "start_tls": True, "tls_context": ssl.create_default_context(cafile=CA),
            "username": account["username"], "password": account["password"], "timeout": 10,
        }
        return asyncio.run(aiosmtplib.send(message, **(settings | more)))

    def test_a_mail_is_accepted_over_both_kinds_of_tls(self):
        errors, text = self.send(mail())
        self.assertEqual(errors, {})
        self.assertRegex(text, "queued as")
        self.send(mail(), port=PORTS["smtps"], start_tls=False, use_tls=True)
        self.assertEqual(len(messages("?accepted=true")), 2)

    def test_each_step_has_its_exception(self):
        for to, expected in (("perm-fail", aiosmtplib.SMTPRecipientsRefused), ("spam", aiosmtplib.SMTPDataError)):
            with self.subTest(to), self.assertRaises(expected):
                self.send(mail(f"{to}@example.org"))
        with self.assertRaises(aiosmtplib.SMTPAuthenticationError):
            self.send(mail(), password="wrong")
        self.script({"provider": "smtp"}, times=1, fault="reset")
        with self.assertRaises(aiosmtplib.SMTPException):
            self.send(mail())

    def test_a_bearer_does_instead_of_a_password(self):
        async def token():
            return key_file("smtp.json")["password"]

        async def wrong():
            return "wrong"

        self.send(mail(), password=None, oauth_token_generator=token)
        with self.assertRaises(aiosmtplib.SMTPAuthenticationError) as raised:
            self.send(mail(), password=None, oauth_token_generator=wrong)
        self.assertEqual(raised.exception.code, 535)
        self.assertEqual(len(messages("?accepted=true")), 1)

    def test_a_password_that_is_revoked_and_a_sender_that_is_not_ones_own(self):
        control("POST", "credentials/revoke", {"provider": "smtp"})
        self.addCleanup(control, "POST", "credentials/restore", {"provider": "smtp"})
        with self.assertRaises(aiosmtplib.SMTPAuthenticationError):
            self.send(mail())
        control("POST", "credentials/restore", {"provider": "smtp"})
        control("PUT", "smtp/senders", ["*@example.com"])
        self.addCleanup(control, "PUT", "smtp/senders", [])
        with self.assertRaises(aiosmtplib.SMTPSenderRefused) as raised:
            self.send(mail())
        self.assertEqual(raised.exception.code, 553)

    def test_a_server_that_never_answers_runs_into_the_clients_timeout(self):
        self.script({"provider": "smtp"}, times=1, fault="never")
        with self.assertRaises(aiosmtplib.SMTPTimeoutError):
            self.send(mail(), timeout=2)


if __name__ == "__main__":
    unittest.main()
