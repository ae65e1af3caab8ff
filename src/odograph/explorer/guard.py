"""Who is let in: the browser that was opened with the token, under this server's own name.

A page of another site can make a browser send requests to this machine. A foreign name in the Host
header (DNS rebinding) gets 400; without the cookie, which only the token of the printed address
buys and no other site can send, nothing of a run is given.
"""

import hmac
import secrets
from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: What is given without the cookie: code, and where the cookie is bought.
OPEN = frozenset({"/", "/viewer.js", "/viewer.css", "/session"})


class Guard:
    """Wraps an application: Host header, cookie, method, and the headers of every answer.

    Args:
        app: what answers.
        hosts: the values of the Host header that are this server's.
        token: buys the cookie.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], token: str) -> None:
        self.app = app
        self.hosts = frozenset(hosts)
        self.token = token
        self.cookie = "odograph"
        self._session = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return
        refused = self._refused(Request(scope))

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await (refused or self.app)(scope, receive, with_headers)

    def _refused(self, request: Request) -> Response | None:
        """The answer to who is not let in; None for who is."""
        if request.headers.get("host", "") not in self.hosts:
            return PlainTextResponse("not this server's name", 400)
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("this server only gives", 405)
        if request.url.path == "/session":
            return self._bought(request.headers.get("authorization", ""))
        given = request.cookies.get(self.cookie, "")
        if request.url.path in OPEN or hmac.compare_digest(given, self._session):
            return None
        return PlainTextResponse("open the address that `odograph explore` printed", 401)

    def _bought(self, authorization: str) -> Response:
        """The cookie for the token."""
        if not hmac.compare_digest(authorization, f"Bearer {self.token}"):
            return PlainTextResponse("not the token of this server", 401)
        answer = Response(status_code=204)
        answer.set_cookie(self.cookie, self._session, httponly=True, samesite="strict", path="/")
        return answer
