"""Sends standard input by smtplib: send.py PORT FROM BODY TLS TO...

BODY is a BODY value or a dash; TLS is starttls or a dash. Prints which recipients were refused."""
import smtplib, ssl, sys

port, sender, body, tls, *recipients = sys.argv[1:]
content = sys.stdin.buffer.read()
with smtplib.SMTP("127.0.0.1", int(port), local_hostname="smtplib.test", timeout=60) as smtp:
    if tls == "starttls":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        smtp.starttls(context=context)
    smtp.ehlo()
    options = [] if body == "-" else ["BODY=" + body]
    print(smtp.sendmail(sender, recipients, content, mail_options=options))
