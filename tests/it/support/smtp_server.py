#!/usr/bin/python3
"""A real SMTP server for the tests: one per test, on a free loopback port, gone with its parent.

Usage: smtp_server.py MODE CERTIFICATE KEY FOLDER
MODE is "starttls" (required, then login) or "implicit" (TLS from the first byte, then login).
Prints the port, then keeps every mail as JSON in FOLDER until its standard input closes.
"""
import asyncio
import email
import email.policy
import json
import logging
import os
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = b"rostergate", "hemlig åäö".encode()
REFUSED = {"nobody@example.org": "550 5.1.1 <nobody@example.org> no such user",
           "later@example.org": "451 4.7.1 <later@example.org> greylisted"}


def authenticate(_server, _session, _envelope, _mechanism, data):
    right = (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=right, handled=False)


class Keep:
    def __init__(self, folder):
        self.folder, self.number = folder, 0

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address in REFUSED:
            return REFUSED[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = [{"type": part.get_content_type(), "text": part.get_content()}
                 for part in message.walk() if not part.is_multipart()]
        mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos,
                "encrypted": session.ssl is not None or MODE == "implicit",
                "authenticated": bool(session.authenticated),
                "headers": [[name, str(value)] for name, value in message.items()],
                "type": message.get_content_type(), "parts": parts,
                "longest_line": max(len(line) for line in envelope.content.split(b"\r\n")),
                "bare_newline": b"\n" in envelope.content.replace(b"\r\n", b"")}
        self.number += 1
        path = os.path.join(self.folder, f"{self.number}.json")
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump(mail, file)
        os.rename(path + ".part", path)
        return "250 kept"


async def serve(certificate, key, folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    keep = Keep(folder)

    def session():
        if MODE == "implicit":
            return SMTP(keep, authenticator=authenticate, auth_required=True,
                        auth_require_tls=False)
        return SMTP(keep, authenticator=authenticate, auth_required=True, require_starttls=True,
                    tls_context=context)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0,
                                      ssl=context if MODE == "implicit" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The parent holds the other end: it ends with the test, however that ends.
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    os._exit(0)


# The library warns of what the tests want: login over implicit TLS.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
MODE = sys.argv[1]
asyncio.run(serve(*sys.argv[2:5]))
