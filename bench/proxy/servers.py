"""The servers that are measured, each on one core with one worker, and the origins behind them.

All have the same certificates (a P-256 leaf and an intermediate), TLS 1.2 and 1.3, tickets, no log of requests, and time
limits that no measurement reaches; beyond that, what their makers ship."""

import os
import pathlib
import shutil
import subprocess

import machine

NAME = "localhost"
LARGE = 256 << 20  # bytes of the origin's large body
MEDIUM = 32 << 20
NOWHERE = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}


class Missing(Exception):
    """A program is not there."""


def need(program):
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if path is None:
        raise Missing(f"{program} is not installed (scripts/install-deps bench)")
    return path


class Certificates:
    """root.pem; chain.pem and key.pem of the leaf, both.pem for those who want them in one file."""

    def __init__(self, folder):
        self.folder = folder
        self._sign("root", "/CN=Bench Root", "basicConstraints=critical,CA:TRUE", None)
        self._sign("middle", "/CN=Bench Intermediate", "basicConstraints=critical,CA:TRUE", "root")
        self._sign("leaf", f"/CN={NAME}", f"subjectAltName=DNS:{NAME},IP:127.0.0.1\nextendedKeyUsage=serverAuth", "middle")
        self.root, self.key = self.path("root.pem"), self.path("leaf.key")
        self.chain = self._join("chain.pem", "leaf.pem", "middle.pem")
        self.both = self._join("both.pem", "leaf.pem", "middle.pem", "leaf.key")

    def path(self, name):
        return str(self.folder / name)

    def _join(self, name, *parts):
        (self.folder / name).write_text("".join((self.folder / part).read_text() for part in parts))
        return self.path(name)

    def _sign(self, name, subject, extensions, issuer):
        openssl = need("openssl")
        key, request, out = (self.path(name + end) for end in (".key", ".csr", ".pem"))
        (self.folder / (name + ".ext")).write_text(extensions + "\n")
        subprocess.run([openssl, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                        "-out", request, "-subj", subject], check=True, capture_output=True)
        signer = ["-signkey", key] if issuer is None else ["-CA", self.path(issuer + ".pem"), "-CAkey", self.path(issuer + ".key"),
                                                           "-CAcreateserial"]
        subprocess.run([openssl, "x509", "-req", "-in", request, "-out", out, "-days", "30", "-extfile", self.path(name + ".ext"),
                        *signer], check=True, capture_output=True)


def nginx_command(folder, text):
    file = folder / "nginx.conf"
    user = "user root;\n" if os.getuid() == 0 else ""
    file.write_text(f"""{user}daemon off;
pid {folder}/nginx.pid;
worker_processes 1;
worker_rlimit_nofile 20000;
error_log {folder}/error.log;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_temp_path {folder}/client;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
  ssl_protocols TLSv1.2 TLSv1.3;
{text}
}}
""")
    return [need("nginx"), "-e", folder / "error.log", "-p", folder, "-c", file]


class Server:
    """Something that listens on `port`, for a with statement."""

    def __init__(self, folder, core):
        self.folder, self.core = folder, core
        self.port = machine.free_port()
        folder.mkdir()

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        with open(self.folder / "stderr", "wb") as log:
            self.process = machine.start(self.command(), self.core, **NOWHERE, stderr=log)
        try:
            machine.wait_for_port(self.port, self.process)
        except RuntimeError as failure:
            machine.stop(self.process)
            raise RuntimeError(f"{self.name}: {failure}: {(self.folder / 'stderr').read_text(errors='replace')[-500:]}") from None
        return self

    def __exit__(self, *_):
        machine.stop(self.process)


class Sink(Server):
    """Reads bodies to their ends. It listens on standard input's behalf: that stays open as long as we live."""

    name = "the origin of uploads"

    def __init__(self, folder, core, load):
        super().__init__(folder, core)
        self.load = load

    def __enter__(self):
        self.process = machine.start([self.load, "sink", "--port", self.port], self.core, stdin=subprocess.PIPE,
                                     stdout=subprocess.DEVNULL)
        machine.wait_for_port(self.port, self.process)
        return self


class Origin(Server):
    """nginx: `/` is small, `/large` and `/medium` are larger, `/sink` takes a body; without TLS on `port`, with it on `tls_port`."""

    name = "the origin"

    def __init__(self, folder, core, certificates, sink):
        super().__init__(folder, core)
        self.tls_port = machine.free_port()
        self.certificates, self.sink = certificates, sink

    def command(self):
        for name, length in (("large", LARGE), ("medium", MEDIUM)):
            with open(self.folder / name, "wb") as file:
                file.truncate(length)
        return nginx_command(self.folder, f"""
  upstream sink {{ server 127.0.0.1:{self.sink.port}; keepalive 16; }}
  server {{
    listen 127.0.0.1:{self.port} backlog=4096;
    listen 127.0.0.1:{self.tls_port} ssl backlog=4096;
    ssl_certificate {self.certificates.chain};
    ssl_certificate_key {self.certificates.key};
    location = / {{ default_type text/plain; return 200 "a small body, such as an API gives\\n"; }}
    location = /large {{ root {self.folder}; }}
    location = /medium {{ root {self.folder}; }}
    location = /sink {{ proxy_pass http://sink; }}
  }}""")


class Terminating(Server):
    """A proxy that ends TLS in front of the origin."""

    http = True  # it reads requests; otherwise it carries bytes

    def __init__(self, folder, core, certificates, origin):
        super().__init__(folder, core)
        self.certificates, self.origin = certificates, origin


class Nginx(Terminating):
    name = "nginx"

    def command(self):
        return nginx_command(self.folder, f"""
  upstream origin {{ server 127.0.0.1:{self.origin.port}; keepalive 128; }}
  server {{
    listen 127.0.0.1:{self.port} ssl backlog=4096;
    ssl_certificate {self.certificates.chain};
    ssl_certificate_key {self.certificates.key};
    location / {{ proxy_pass http://origin; }}
  }}""")


class HAProxy(Terminating):
    name = "haproxy"

    def command(self):
        file = self.folder / "haproxy.cfg"
        file.write_text(f"""
global
  nbthread 1
  maxconn 9000
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  http-reuse always
  timeout connect 10s
  timeout client 600s
  timeout server 600s
  timeout http-request 600s
  timeout http-keep-alive 600s
frontend tls
  bind 127.0.0.1:{self.port} ssl crt {self.certificates.both} backlog 4096
  default_backend origin
backend origin
  server origin 127.0.0.1:{self.origin.port}
""")
        return [need("haproxy"), "-db", "-f", file]


class Hitch(Terminating):
    name = "hitch"
    http = False

    def command(self):
        file = self.folder / "hitch.conf"
        user = 'user = "root"\n' if os.getuid() == 0 else ""
        file.write_text(f"""{user}frontend = "[127.0.0.1]:{self.port}"
backend = "[127.0.0.1]:{self.origin.port}"
pem-file = "{self.certificates.both}"
tls-protos = TLSv1.2 TLSv1.3
workers = 1
backlog = 4096
keepalive = 3600
daemon = off
quiet = on
""")
        return [need("hitch"), f"--config={file}"]


# It writes a line for each handshake and request, which the others are told not to: here that has nowhere to go, but is made.
HANDFAST = ["--workers", 1, "--max-per-address", 0, "--log", "/dev/null"]


class Handfast(Terminating):
    name = "handfast"

    def command(self):
        return [need(self.program), "reverse", "--from", f"127.0.0.1:{self.port}", "--to", f"http://127.0.0.1:{self.origin.port}",
                "--cert", self.certificates.chain, "--key", self.certificates.key, "--idle-timeout", 600, *HANDFAST]


class Intercepting(Server):
    """A proxy that is asked with CONNECT, and shows certificates of its own."""

    def __init__(self, folder, core, certificates):
        super().__init__(folder, core)
        self.certificates = certificates


class Mitmproxy(Intercepting):
    name = "mitmproxy"
    more = []

    def command(self):
        return [need("mitmdump"), "--quiet", "--listen-host", "127.0.0.1", "--listen-port", self.port, "--set",
                f"confdir={self.folder}", "--set", f"ssl_verify_upstream_trusted_ca={self.certificates.root}", *self.more]


class MitmproxyStreaming(Mitmproxy):
    """It looks at no large body then, and holds none."""

    name = "mitmproxy-stream"
    more = ["--set", "stream_large_bodies=1m"]


class HandfastIntercept(Intercepting):
    name = "handfast"

    def command(self):
        return [need(self.program), "intercept", "--listen", f"127.0.0.1:{self.port}", "--ca-dir", self.folder / "ca",
                "--ca", self.certificates.root, "--allow", "127.0.0.0/8", *HANDFAST]


def version(server):
    """What a program calls its version, or nothing."""
    try:
        command = {"nginx": ["nginx", "-v"], "haproxy": ["haproxy", "-v"], "hitch": ["hitch", "--version"],
                   "mitmproxy": ["mitmdump", "--version"],
                   "handfast": [str(getattr(server, "program", "handfast")), "--version"]}
        words = command[server.name.partition("-")[0]]
        done = subprocess.run([need(words[0]), *words[1:]], capture_output=True, text=True, timeout=30)
        return (done.stdout + done.stderr).strip().splitlines()[0]
    except (OSError, IndexError, Missing, subprocess.SubprocessError):
        return ""


def new_folder(parent, name):
    """A folder that is not there yet."""
    number = sum(1 for _ in pathlib.Path(parent).glob(f"{name}*"))
    return pathlib.Path(parent) / f"{name}{number}"
