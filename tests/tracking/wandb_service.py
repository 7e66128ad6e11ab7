"""As much of the service of Weights & Biases as a run needs, on loopback; it remembers what it was sent, or stalls."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROJECT = {"id": "p", "name": "p", "entity": {"id": "e", "name": "me"}}
RUN = {"id": "r", "name": "hands", "displayName": "hands", "config": "{}", "historyLineCount": 0, "project": PROJECT}
ANSWERS = {
    "RunResumeStatus": {"model": {"id": "m", "name": "p", "entity": PROJECT["entity"], "bucket": None}},
    "UpsertBucket": {"upsertBucket": {"bucket": RUN, "inserted": True}},
    "CreateRunFiles": {"createRunFiles": {"runID": "r", "uploadHeaders": [], "files": []}},
}


@contextmanager
def wandb_service(*, stalls: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield an address and what was sent there; where it stalls, nothing but the start of a run is answered."""
    sent: list[str] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            text = (gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body).decode()
            sent.append(text)
            if stalls and self.path != "/graphql":
                over.wait()
            answer = next((data for name, data in ANSWERS.items() if name in text), {})
            content = json.dumps({"data": answer}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that gave up is no news."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", sent
        finally:
            over.set()
            server.shutdown()
            thread.join()
