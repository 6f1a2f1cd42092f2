"""Records what goes over one connection, by standing between, and writes it as a capture file for Wireshark."""

import selectors
import socket
import struct
import threading

from programs import SECONDS

CLIENT, SERVER = ("192.0.2.1", 50000), ("192.0.2.2", 443)  # 443: what Wireshark takes for TLS unasked
_RAW_IP = 101  # LINKTYPE_RAW: packets begin with the IP header
_FIN, _SYN, _ACK = 0x01, 0x02, 0x10
_LARGEST = 16000  # of one segment's payload


class Recorder:
    """Passes one connection on to `port`, while the block lasts; `segments` are (from_client, bytes), as they came; no
    bytes are its sender's end."""

    def __init__(self, port):
        self._target = port
        self.segments = []

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(SECONDS)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._pass_on)
        self._thread.start()
        return self

    def _pass_on(self):
        with self._listener:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # nobody came
            with client, socket.create_connection(("127.0.0.1", self._target)) as server:
                self._record(client, server)

    def _record(self, client, server):
        with selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, (True, server))
            ready.register(server, selectors.EVENT_READ, (False, client))
            while ready.get_map() and (events := ready.select(SECONDS)):
                for key, _ in events:
                    from_client, other = key.data
                    part = self._receive(key.fileobj)
                    self.segments.append((from_client, part))
                    if part:
                        other.sendall(part)
                    else:
                        ready.unregister(key.fileobj)
                        self._half_close(other)

    @staticmethod
    def _receive(source):
        try:
            return source.recv(_LARGEST)
        except ConnectionResetError:
            return b""

    @staticmethod
    def _half_close(other):
        try:
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has gone already

    def __exit__(self, *_):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)  # ends the wait for a connection that never came
        except OSError:
            pass  # one came, and has gone
        self._thread.join()


def write_pcap(path, segments):
    """One TCP connection from CLIENT to SERVER, from its SYNs to its FINs."""
    numbers = {True: 1000, False: 2000}
    packets = [_packet(True, numbers, b"", _SYN), _packet(False, numbers, b"", _SYN | _ACK),
               _packet(True, numbers, b"", _ACK)]
    packets += [_packet(from_client, numbers, part, _ACK if part else _ACK | _FIN) for from_client, part in segments]
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, _RAW_IP))
        for index, packet in enumerate(packets):
            file.write(struct.pack("<IIII", 1, index, len(packet), len(packet)) + packet)


def _packet(from_client, numbers, payload, flags):
    """IPv4 and TCP without checksums, which Wireshark does not ask for; counts the sender's sequence number on."""
    source, target = (CLIENT, SERVER) if from_client else (SERVER, CLIENT)
    acknowledged = numbers[not from_client] if flags & _ACK else 0
    tcp = struct.pack("!HHIIBBHHH", source[1], target[1], numbers[from_client], acknowledged, 5 << 4, flags, 65535, 0,
                      0)
    numbers[from_client] += len(payload) + bool(flags & (_SYN | _FIN))
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp) + len(payload), 0, 0, 64, socket.IPPROTO_TCP, 0,
                     socket.inet_aton(source[0]), socket.inet_aton(target[0]))
    return ip + tcp + payload
