"""One connection of HTTP/2 that asks one thing after the other: enough to see what an answer's head says."""
import socket
import struct

from api import TIMEOUT

_DATA, _HEADERS, _RESET, _SETTINGS, _GOAWAY, _WINDOW = 0, 1, 3, 4, 7, 8
_END_STREAM, _ACK, _END_HEADERS = 1, 1, 4
# Static entries 8 to 14 of HPACK's table.
_STATUS = {8: "200", 9: "204", 10: "206", 11: "304", 12: "400", 13: "404", 14: "500"}
# The codes of Huffman's table that lower-case names and numbers need: by length, then code.
_CODES = {5: dict(enumerate("012aceiost")), 6: {0x10 + i + 4: c for i, c in enumerate(" %-./3456789=A_bdfghlmnpru")}}


def _frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def _number(block, at, bits):
    most = (1 << bits) - 1
    value, at = block[at] & most, at + 1
    shift = 0
    while value >= most and shift < 28:
        value, byte, at = value + ((block[at] & 127) << shift), block[at], at + 1
        shift += 7
        if byte < 128:
            break
    return value, at


def _text(block, at):
    coded = block[at] & 128
    size, at = _number(block, at, 7)
    raw = block[at:at + size]
    if not coded:
        return raw.decode("latin-1"), at + size
    bits, out = "".join(f"{byte:08b}" for byte in raw), ""
    while len(bits) >= 5:
        for length in (5, 6):
            if int(bits[:length], 2) in _CODES[length] and len(bits) >= length:
                out, bits = out + _CODES[length][int(bits[:length], 2)], bits[length:]
                break
        else:
            break  # the padding, or a character that no name here has
    return out, at + size


def fields(block):
    """What of a head can be told without a table: the status, and fields of plain names."""
    found, at = {}, 0
    while at < len(block):
        first = block[at]
        if first & 128:
            index, at = _number(block, at, 7)
            if index in _STATUS:
                found[":status"] = _STATUS[index]
            continue
        if first & 224 == 32:
            _, at = _number(block, at, 5)
            continue
        index, at = _number(block, at, 6 if first & 64 else 4)
        name, at = ("", at) if index else _text(block, at)
        value, at = _text(block, at)
        found[":status" if index in _STATUS else name] = value
    return found


class Http2:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unread, self._stream = b"", -1
        no_table, wide = struct.pack(">HI", 1, 0), struct.pack(">HI", 4, 1 << 30)
        self._socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(_SETTINGS, 0, 0, no_table + wide) +
                             _frame(_WINDOW, 0, 0, struct.pack(">I", 1 << 30)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def ask(self, method, path, headers=(), body=None):
        """The fields of the answer's head and trailers; {"reset": code} for a stream that was reset."""
        self._stream += 2
        block = b""
        for name, value in ((":method", method), (":scheme", "http"), (":path", path), (":authority", "localhost"), *headers):
            block += b"\x10" + b"".join(self._string(t.encode()) for t in (name, value))
        question = _frame(_HEADERS, _END_HEADERS | (_END_STREAM if body is None else 0), self._stream, block)
        self._socket.sendall(question + (b"" if body is None else _frame(_DATA, _END_STREAM, self._stream, body)))
        answer = {}
        while True:
            kind, flags, stream, payload = self._read()
            if kind == _SETTINGS and not flags & _ACK:
                self._socket.sendall(_frame(_SETTINGS, _ACK, 0, b""))
            if kind == _GOAWAY:
                raise AssertionError(f"the connection was ended: {payload!r}")
            if stream != self._stream:
                continue
            if kind == _HEADERS:
                answer.update(fields(payload))
            if kind == _RESET:
                return answer if ":status" in answer else {"reset": int.from_bytes(payload, "big")}
            if kind in (_HEADERS, _DATA) and flags & _END_STREAM:
                return answer

    @staticmethod
    def _string(value):
        size = bytes([len(value)]) if len(value) < 127 else bytes([127, (len(value) - 127) % 128 | 128, (len(value) - 127) // 128])
        return size + value

    def _read(self):
        head = self._exactly(9)
        return head[3], head[4], int.from_bytes(head[5:9], "big") & 0x7FFFFFFF, self._exactly(int.from_bytes(head[:3], "big"))

    def _exactly(self, size):
        while len(self._unread) < size:
            more = self._socket.recv(65536)
            if not more:
                raise AssertionError("the connection was closed")
            self._unread += more
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken
