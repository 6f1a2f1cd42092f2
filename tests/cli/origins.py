"""HTTP origins of Python's. As a program: origins.py CHAIN KEY ADDRESS... serves TLS at port 443 of each address and HTTP
in the clear at port 80, says "ready", and ends with its standard input."""

import contextlib
import http.server
import socket
import socketserver
import ssl
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while length := int(self.rfile.readline(), 16):
            body += self.rfile.read(length)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def answer(self):
        body = self.body()
        content = body or f"{self.command} {self.path} of {self.headers['Host']}".encode()
        if self.path == "/headers":
            content = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path.endswith(".html") else "text/plain")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_HEAD = answer

    def log_message(self, *_):
        pass


class Origin(http.server.ThreadingHTTPServer):
    """Over TLS where there is a pair of files, chain and key. `handshakes` counts them."""

    daemon_threads = True

    def __init__(self, address, port, pair=None, handler=Handler):
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.handshakes = 0
        super().__init__((address, port), handler)
        self.port = self.server_address[1]
        self.context = None
        if pair:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*pair)

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # HTTPServer's asks the DNS for a name, which there may be none of
        self.server_name, self.server_port = self.server_address[:2]

    def finish_request(self, request, client_address):
        with contextlib.suppress(OSError):
            if not self.context:
                return super().finish_request(request, client_address)
            request.settimeout(30)
            with self.context.wrap_socket(request, server_side=True) as tls:
                self.handshakes += 1
                super().finish_request(tls, client_address)

    def handle_error(self, request, client_address):
        pass

    @contextlib.contextmanager
    def running(self):
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()


def serve_until_told(chain, key, *addresses):
    with contextlib.ExitStack() as stack:
        for address in addresses:
            for port, pair in ((443, (chain, key)), (80, None)):
                stack.enter_context(stack.enter_context(Origin(address, port, pair)).running())
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve_until_told(*sys.argv[1:])
