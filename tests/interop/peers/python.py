"""Python's ssl module. The same file is the peer's program (see scripted.py), run by the Python of the matrix."""

import functools
import itertools
import json
import socket
import ssl
import sys
import threading

KEYS = ("p256", "p384", "p521", "ed25519", "rsa", "rsa_pss")
_CURVE = {"secp256r1": "prime256v1", "secp384r1": "secp384r1", "secp521r1": "secp521r1"}  # X25519 it refuses
_VERSION = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_NO_EXTENDED_MASTER_SECRET = 1  # SSL_OP_NO_EXTENDED_MASTER_SECRET, for which the module has no name
_kept = {}  # contexts and sessions, by the orders' name for them
_REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n"


def missing():
    return None if getattr(ssl, "HAS_TLSv1_3", False) else "this Python's ssl has no TLS 1.3"


def jobs():
    from peers.openssl import suite_name
    from peers.scripted import Abilities
    from peers.scripted import jobs as scripted_jobs
    can = Abilities(kinds=KEYS, client_sets=(), server_sets=(), client_sees=("suite", "alpn"),
                    server_sees=("suite", "alpn"), server_groups=tuple(_CURVE), master_secrets=(True, False),
                    suite_name=suite_name, client_resumes=("psk", "ticket", "session_id"),
                    server_resumes=("psk", "ticket", "session_id"), sees_resumption=True)
    return scripted_jobs(lambda bench: [sys.executable, __file__], can)


def context(request, side):
    made = ssl.SSLContext(side)
    made.minimum_version, made.maximum_version = (_VERSION[version] for version in request["versions"])
    made.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE  # so that the client's groups count as well
    if request["extended_master_secret"] is False:
        made.options |= _NO_EXTENDED_MASTER_SECRET
    made.load_verify_locations(request["trust"])
    if not request["tickets"]:
        made.options |= ssl.OP_NO_TICKET
    if request["chain"]:
        made.load_cert_chain(request["chain"], request["key"])
    if request["alpn"]:
        made.set_alpn_protocols(request["alpn"])
    return made


def seen(connection):
    return {"suite": connection.cipher()[0], "version": connection.version(),
            "alpn": connection.selected_alpn_protocol(), "resumed": connection.session_reused}


def connect(request):
    plain = socket.create_connection(("127.0.0.1", request["port"]), 20)
    # A session is bound to its context.
    made, session = _kept.get(request["session"]) or (context(request, ssl.PROTOCOL_TLS_CLIENT), None)
    with made.wrap_socket(plain, server_hostname=request["name"], suppress_ragged_eofs=False,
                          session=session) as connection:
        connection.sendall(_REQUEST)
        body = b"".join(iter(functools.partial(connection.recv, 65536), b""))
        if request["session"]:
            _kept[request["session"]] = made, connection.session
        return seen(connection) | {"body": body.decode()}


def reply(made, plain):
    with plain, made.wrap_socket(plain, server_side=True) as connection:
        got = b""
        while b"\r\n\r\n" not in got and (part := connection.recv(65536)):
            got += part
        told = seen(connection)
        if client := connection.getpeercert():
            told["client"] = dict(itertools.chain(*client["subject"]))["commonName"]
        body = json.dumps(told).encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        connection.unwrap()


def accept(listener, made):
    while True:
        plain, _ = listener.accept()
        try:
            reply(made, plain)
        except OSError as error:
            print(f"a connection failed: {error}", flush=True)


def listen(request):
    made = context(request, ssl.PROTOCOL_TLS_SERVER)
    made.verify_mode = ssl.CERT_REQUIRED if request["require"] else ssl.CERT_NONE
    if request["groups"]:
        made.set_ecdh_curve(_CURVE[request["groups"][0]])
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, args=(listener, made), daemon=True).start()
    return {"port": listener.getsockname()[1]}


if __name__ == "__main__":
    for line in sys.stdin:
        order = json.loads(line)
        try:
            result = {"connect": connect, "listen": listen}[order["do"]](order)
        except (OSError, ValueError) as problem:
            result = {"error": str(problem)}
        print(json.dumps(result), flush=True)
