"""Sends standard input by smtplib, with SMTPUTF8: utf8.py PORT FROM TO OPTIONS RCPT-OPTIONS.

Options are parameters of MAIL and RCPT, with spaces between them."""
import smtplib, sys

port, sender, recipient, options, recipient_options = sys.argv[1:]
content = sys.stdin.buffer.read()
with smtplib.SMTP("127.0.0.1", int(port), local_hostname="smtplib.test", timeout=60) as smtp:
    smtp.ehlo()
    for needed in ("smtputf8", "8bitmime", "dsn"):
        assert smtp.has_extn(needed), needed
    smtp.sendmail(
        sender,
        [recipient],
        content,
        mail_options=["SMTPUTF8", "BODY=8BITMIME"] + options.split(),
        rcpt_options=recipient_options.split(),
    )
