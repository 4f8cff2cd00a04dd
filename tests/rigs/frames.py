"""HTTP/2 from the attacker's side: frames as bytes, and a peer that sends exactly those."""
import collections
import dataclasses
import struct

import peers

DATA, HEADERS, PRIORITY, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
CANCEL, CALM = 8, 11
INITIAL_WINDOW = 4  # the setting
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
OK = b"\x88"  # how an answer's head begins when its status is 200


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def number(value):
    return struct.pack(">I", value)


def setting(which, value):
    return struct.pack(">HI", which, value)


def text(value):
    """A string as HPACK writes it, without Huffman's code."""
    size = bytes([len(value)]) if len(value) < 127 else b"\x7f" + _rest(len(value) - 127)
    return size + value


def _rest(value):
    out = b""
    while value >= 128:
        out, value = out + bytes([value % 128 + 128]), value // 128
    return out + bytes([value])


def field(name, value, first=b"\x00"):
    """first: b"\\x40" puts it into the table."""
    return first + text(name) + text(value)


def request(method, path, more=b""):
    return b"".join(field(n, v) for n, v in ((b":method", method), (b":scheme", b"http"), (b":path", path),
                                              (b":authority", b"localhost"))) + more


def streams(count, first=1):
    return range(first, first + 2 * count, 2)


@dataclasses.dataclass
class FramesEnding(peers.Ending):
    """The same of HTTP/2."""
    goaway: int = None  # its code
    resets: collections.Counter = dataclasses.field(default_factory=collections.Counter)  # by code
    good: int = 0       # answers with the status 200 and content
    refused: int = 0    # others: gRPC's refusals are a head alone


class FramesPeer(peers.Peer):
    """One connection of HTTP/2."""

    def __init__(self, address, patience, receive_buffer=None):
        super().__init__(address, patience, receive_buffer, FramesEnding())

    def _take(self):
        while self._take_frame():
            pass

    def _take_frame(self):
        if len(self._unread) < 9:
            return False
        size = 9 + int.from_bytes(self._unread[:3], "big")
        if len(self._unread) < size:
            return False
        kind, flags, payload = self._unread[3], self._unread[4], self._unread[9:size]
        self._unread = self._unread[size:]
        if kind == GOAWAY:
            self.ending.goaway = int.from_bytes(payload[4:8], "big")
        elif kind == RESET:
            self.ending.resets[int.from_bytes(payload, "big")] += 1
        elif kind == HEADERS and payload.startswith(OK) and not flags & END_STREAM:
            self.ending.good += 1
        elif kind == HEADERS:
            self.ending.refused += 1
        return True
