"""An S3 server on this computer: what pyarrow asks of one, on objects in memory."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4
from xml.sax.saxutils import escape

XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"


class _Bucket(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: dict[str, tuple[bytes, datetime]]
    parts: dict[str, dict[int, bytes]]

    def log_message(self, *given: object) -> None:
        """Says nothing."""

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    @property
    def asked(self) -> dict[str, str]:
        query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        return {name: values[0] for name, values in query.items()}

    def do_HEAD(self) -> None:
        if self.key in self.objects:
            content, written = self.objects[self.key]
            self._answer(b"", length=len(content), written=written)
        elif "/" not in self.key.rstrip("/"):
            self._answer(b"")  # the bucket
        else:
            self._answer(b"", status=404)

    def do_GET(self) -> None:
        if "list-type" in self.asked:
            self._answer(self._listing().encode())
        elif self.key in self.objects:
            self._send_object(*self.objects[self.key])
        else:
            self._answer(_error("NoSuchKey"), status=404)

    def _send_object(self, content: bytes, written: datetime) -> None:
        span = self.headers.get("Range")
        if span is None:
            self._answer(content, written=written)
            return
        first, last = span.removeprefix("bytes=").split("-")
        part = content[int(first) : int(last or len(content)) + 1]
        where = f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"
        self._answer(part, status=206, written=written, more={"Content-Range": where})

    def do_PUT(self) -> None:
        content, asked = self._body(), self.asked
        if "uploadId" in asked:
            self.parts[asked["uploadId"]][int(asked["partNumber"])] = content
        else:
            self._write(content)
        self._answer(b"", more={"ETag": f'"{md5(content).hexdigest()}"'})

    def do_POST(self) -> None:
        self._body()
        if "uploads" in self.asked:
            number = uuid4().hex
            self.parts[number] = {}
            named = f"<Key>{escape(self.key)}</Key><UploadId>{number}</UploadId>"
            self._answer(_xml("InitiateMultipartUploadResult", named))
            return
        parts = self.parts.pop(self.asked["uploadId"])
        self._write(b"".join(parts[number] for number in sorted(parts)))
        done = f'<Key>{escape(self.key)}</Key><ETag>"x"</ETag>'
        self._answer(_xml("CompleteMultipartUploadResult", done))

    def do_DELETE(self) -> None:
        self.objects.pop(self.key, None)
        self._answer(b"", status=204)

    def _write(self, content: bytes) -> None:
        self.objects[self.key] = content, datetime.now(UTC)

    def _listing(self) -> str:
        bucket, prefix = self.key.split("/")[0], self.asked.get("prefix", "")
        found, folders = "", set()
        for key, (content, written) in sorted(self.objects.items()):
            name = key.removeprefix(f"{bucket}/")
            rest = name.removeprefix(prefix)
            if not name.startswith(prefix):
                continue
            if self.asked.get("delimiter") and "/" in rest:
                folders.add(prefix + rest.split("/")[0] + "/")
                continue
            when = written.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            found += (
                f"<Contents><Key>{escape(name)}</Key><LastModified>{when}</LastModified>"
                f"<Size>{len(content)}</Size></Contents>"
            )
        found += "".join(
            f"<CommonPrefixes><Prefix>{escape(f)}</Prefix></CommonPrefixes>" for f in folders
        )
        head = f"<Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix>"
        whole = "<IsTruncated>false</IsTruncated>"
        return _xml("ListBucketResult", head + whole + found).decode()

    def _body(self) -> bytes:
        """What was sent, out of the chunks of HTTP and of S3."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            sent = _unchunked(self.rfile)
        else:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            return _unchunked(io.BytesIO(sent))
        return sent

    def _answer(
        self,
        content: bytes,
        *,
        status: int = 200,
        length: int | None = None,
        written: datetime | None = None,
        more: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        if written is not None:
            self.send_header("Last-Modified", written.strftime("%a, %d %b %Y %H:%M:%S GMT"))
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _unchunked(stream: "io.BufferedIOBase") -> bytes:
    found = b""
    while size := int(stream.readline().split(b";")[0], 16):
        found += stream.read(size)
        stream.readline()
    while stream.readline().strip():
        """Trailers: checksums."""
    return found


def _xml(name: str, content: str) -> bytes:
    return f'<?xml version="1.0"?><{name} xmlns="{XMLNS}">{content}</{name}>'.encode()


def _error(code: str) -> bytes:
    return f'<?xml version="1.0"?><Error><Code>{code}</Code></Error>'.encode()


@contextmanager
def bucket_server() -> Iterator[tuple[str, dict[str, tuple[bytes, datetime]]]]:
    """The query that leads pyarrow to the server, and its objects."""
    objects: dict[str, tuple[bytes, datetime]] = {}
    handler = type("Bucket", (_Bucket,), {"objects": objects, "parts": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = f"127.0.0.1:{server.server_port}"
        yield f"endpoint_override={where}&scheme=http&region=us-east-1", objects
        server.shutdown()
