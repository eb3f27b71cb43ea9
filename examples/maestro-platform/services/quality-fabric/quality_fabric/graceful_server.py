"""An HTTP server that ends well: on SIGTERM it answers what it has begun and takes nothing new."""

import json
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGEST_BODY = 1 << 20


class GracefulServer(ThreadingHTTPServer):
    # So that the process does not end while a request is being answered.
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address, handler):
        super().__init__(address, handler)
        self.stopping = False
        self.lock = threading.Lock()
        self.idle = set()

    def stop(self):
        with self.lock:
            self.stopping = True
            # Connections that wait for a next request read their end instead.
            for connection in self.idle:
                try:
                    connection.shutdown(socket.SHUT_RD)
                except OSError:
                    pass
        self.shutdown()

    def run_until_signal(self):
        def on_signal(*_):
            # `shutdown` waits for `serve_forever`, which goes on only after this handler has returned.
            threading.Thread(target=self.stop).start()

        signal.signal(signal.SIGTERM, on_signal)
        signal.signal(signal.SIGINT, on_signal)
        self.serve_forever(poll_interval=0.1)
        self.server_close()


class JsonHandler(BaseHTTPRequestHandler):
    """Answers JSON with what `answer(method, path, body)` returns: a status and an object."""

    protocol_version = "HTTP/1.1"
    # Longer than the proxies before it keep an idle connection, so that no request meets one that is closing.
    timeout = 75
    # Head and body leave in one packet.
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_one_request(self):
        with self.server.lock:
            if self.server.stopping:
                self.close_connection = True
                return
            self.server.idle.add(self.connection)
        super().handle_one_request()
        if self.server.stopping:
            self.close_connection = True

    def parse_request(self):
        with self.server.lock:
            self.server.idle.discard(self.connection)
        return super().parse_request()

    def finish(self):
        with self.server.lock:
            self.server.idle.discard(self.connection)
        super().finish()

    def do_GET(self):
        self._send(*self.answer("GET", self.path.split("?")[0], None))

    def do_POST(self):
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._send(413, error("TOO_LARGE", "the body must be at most %d bytes" % LARGEST_BODY))
            return
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError:
            self._send(400, error("INVALID_JSON", "the body must be JSON"))
            return
        self._send(*self.answer("POST", self.path.split("?")[0], body))

    def _send(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        if self.server.stopping or self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_request(self, *_):
        """The proxy has an access log; here are errors only."""


def error(code, message):
    return {"error": {"code": code, "message": message}}
