"""What an attack is, and those over HTTP/2 and gRPC: what is sent, and how a connection that sends it must end."""
import dataclasses
import gzip
import struct
import typing

from frames import (CALM, CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, INITIAL_WINDOW, PING, PREFACE, PRIORITY,
                    RESET, SETTINGS, WINDOW_UPDATE, field, frame, number, request, setting, streams)

FLOOD = 20_000   # frames
STREAMS = 128    # as many as may be open
INFER = b"/v2/models/bystander/infer"
GRPC = b"/inference.GRPCInferenceService/"


# How a connection must end: each takes what was seen of it, and says what is wrong, or "".

def calm(ending):
    return "" if ending.goaway == CALM else f"expected GOAWAY ENHANCE_YOUR_CALM, found {ending}"


def ended(ending):
    return "" if ending.goaway or ending.closed else f"expected the connection to be ended, found {ending}"


def refused(ending):
    """Whatever it asked for was refused, request by request; or the connection was ended."""
    answered = ending.refused + sum(ending.resets.values())
    return "" if not ending.good and (answered or ending.goaway) else f"expected refusals, found {ending}"


def dropped(ending):
    """As refused; or not answered, for who ends his side while his message is read on a worker has left."""
    return "" if ending.closed and not ending.good else refused(ending)


def held(_):
    """It may stay until a deadline; what it may hold until then is bounded."""
    return ""


@dataclasses.dataclass
class Attack:
    name: str
    row: str  # of the project's list of attacks
    must: typing.Callable
    sent: bytes
    settings: bytes = b""
    connections: int = 4  # at once
    receive_buffer: int = None
    reads: bool = True    # to the end; else it holds its connections, and reads nothing
    is_http2: bool = True
    is_tls: bool = False          # to the address with TLS
    answers: int = 1              # over HTTP/1.1, of a connection that is refused
    drip: bytes = b""             # sent on every connection again and again while they are held
    comes_and_goes: bool = False  # connects, sends, leaves

    def opening(self):
        """What a connection begins with."""
        return (PREFACE + frame(SETTINGS, 0, 0, self.settings) if self.is_http2 else b"") + self.sent


def post(stream, more=b"", path=INFER):
    return frame(HEADERS, END_HEADERS, stream, request(b"POST", path, more))


def asked(stream, body):
    return post(stream) + frame(DATA, END_STREAM, stream, body)


def each(count, make, first=1):
    return b"".join(make(stream) for stream in streams(count, first))


def grpc(stream, method, body, more=b"", ends=True):
    head = request(b"POST", GRPC + method, field(b"content-type", b"application/grpc") + field(b"te", b"trailers") + more)
    pieces = [body[at:at + 16384] for at in range(0, len(body), 16384)]
    return frame(HEADERS, END_HEADERS, stream, head) + b"".join(
        frame(DATA, END_STREAM if ends and at == len(pieces) - 1 else 0, stream, piece) for at, piece in enumerate(pieces))


def message(body, compressed=0):
    return struct.pack(">BI", compressed, len(body)) + body


def bomb():
    """A field of 4000 bytes in the table, and ten thousand references of one byte each."""
    return request(b"GET", b"/v2/health/live", field(b"x", b"b" * 4000, b"\x40") + b"\xbe" * 10_000)


def small_bombs():
    """As many references as a head may have, on every stream, all of them left open."""
    head = request(b"POST", INFER, field(b"x", b"b" * 4000, b"\x40"))
    again = request(b"POST", INFER, b"\xbe" * 7)
    return frame(HEADERS, END_HEADERS, 1, head) + each(STREAMS - 1, lambda s: frame(HEADERS, END_HEADERS, s, again), 3)


def crumbs():
    seed = request(b"GET", b"/v2/health/live", field(b"cookie", b"a=b", b"\x40"))
    return frame(HEADERS, END_HEADERS | END_STREAM, 1, seed + b"\xbe" * 5_000)


def many_fields(count):
    fields = b"".join(field(b"x-%d" % at, b"v") for at in range(count))
    block = request(b"GET", b"/v2/health/live", fields)
    pieces = [block[at:at + 16000] for at in range(0, len(block), 16000)]
    return b"".join(frame(CONTINUATION if at else HEADERS, END_STREAM * (at == 0) | END_HEADERS * (at == len(pieces) - 1), 1, piece)
                    for at, piece in enumerate(pieces))


def continuations(piece):
    return frame(HEADERS, 0, 1, request(b"GET", b"/v2/health/live")) + frame(CONTINUATION, 0, 1, piece) * FLOOD


def deep_gzip():
    return gzip.compress(bytes(64 << 20), 9)


def all_of():
    cheap = {"PING": frame(PING, 0, 0, b"12345678"), "SETTINGS": frame(SETTINGS), "WINDOW_UPDATE": frame(WINDOW_UPDATE, 0, 0, number(1)),
             "PRIORITY": frame(PRIORITY, 0, 1, number(0) + b"\x01"), "unknown": frame(0x42, 0, 0, b"?")}
    large = b'{"inputs":[{"name":"nonce","datatype":"INT64","shape":[512,1],"data":[' + b",".join([b"1000000000000000"] * 512) + b"]}]}"
    yield Attack("rapid reset", "C4", calm, each(1000, lambda s: post(s) + frame(RESET, 0, s, number(CANCEL))))
    yield Attack("rapid reset of calls", "C4", calm,
                 each(1000, lambda s: grpc(s, b"ModelInfer", message(b"")[:3], ends=False) + frame(RESET, 0, s, number(CANCEL))))
    yield Attack("resets by the server: no increment", "C5", ended, each(4000, lambda s: post(s) + frame(WINDOW_UPDATE, 0, s, number(0))))
    yield Attack("resets by the server: more than announced", "C5", ended,
                 each(4000, lambda s: post(s, field(b"content-length", b"1")) + frame(DATA, END_STREAM, s, b"two")))
    yield Attack("resets by the server: bad heads", "C5", ended,
                 each(4000, lambda s: frame(HEADERS, END_HEADERS | END_STREAM, s, request(b"GET", b"/") + field(b"connection", b"close"))))
    for name, one in cheap.items():
        yield Attack(f"{name} flood", "C6", calm, one * FLOOD)
    yield Attack("SETTINGS of many values", "C6", ended, frame(SETTINGS, 0, 0, setting(1, 4096) * 2000) * 100)
    yield Attack("PING flood, nothing read", "C6", held, cheap["PING"] * FLOOD, receive_buffer=4096, reads=False)
    yield Attack("empty DATA flood", "C6", calm, post(1) + frame(DATA, 0, 1) * FLOOD)
    yield Attack("DATA flood on a stream that is over", "C6", ended, frame(HEADERS, END_HEADERS | END_STREAM, 1, request(b"GET", b"/"))
                 + frame(DATA, 0, 1) * 400_000, connections=2)
    yield Attack("empty CONTINUATION flood", "C6", ended, continuations(b""))
    yield Attack("CONTINUATION flood", "C6", ended, continuations(field(b"x", b"c" * 100)))
    yield Attack("101 fields", "C7", refused, many_fields(101))
    yield Attack("10,000 fields", "C7", ended, many_fields(10_000))
    yield Attack("HPACK bomb", "C7", calm, frame(HEADERS, END_HEADERS | END_STREAM, 1, bomb()))
    yield Attack("cookie crumbs", "C7", calm, crumbs())
    yield Attack("HPACK bombs on every stream", "C7", calm, small_bombs())
    yield Attack("long heads", "C7", held, each(40, lambda s: post(s, field(b"x", b"h" * 15_000))), connections=100,
                 reads=False)
    yield Attack("answers nobody opens a window for", "C7", held,
                 each(STREAMS, lambda s: asked(s, large)), setting(INITIAL_WINDOW, 0), 40, reads=False)
    yield Attack("answers nobody reads", "C3", held, frame(WINDOW_UPDATE, 0, 0, number(2**30)) + each(500, lambda s: asked(s, large)),
                 setting(INITIAL_WINDOW, 2**31 - 1), 20, 4096, False)
    yield Attack("bodies that do not end", "C3", held,
                 each(STREAMS, lambda s: post(s) + frame(DATA, 0, s, b" " * 16384) * 15), connections=8, reads=False)
    yield Attack("calls that do not end", "C9", held,
                 each(STREAMS, lambda s: grpc(s, b"ModelStreamInfer", message(b"m" * (240 << 10))[:-1], ends=False)), connections=8,
                 reads=False)
    yield Attack("calls larger than may be", "C9", refused,
                 each(100, lambda s: grpc(s, b"ModelInfer", struct.pack(">BI", 0, 0xFFFFFFFF) + b"m" * 100)))
    yield Attack("calls that inflate", "C9", dropped,
                 each(4, lambda s: grpc(s, b"ModelInfer", message(deep_gzip(), 1), field(b"grpc-encoding", b"gzip"))), connections=2)
    yield Attack("calls of nothing known", "C9", refused, each(100, lambda s: grpc(s, b"Nothing", message(b""))))
    yield Attack("metadata without end", "C9", refused,
                 each(20, lambda s: grpc(s, b"ModelInfer", message(b""), b"".join(field(b"x-%d-bin" % at, b"A" * 2000) for at in range(20)))))
    bad = ((b"x-bin", b"no base64 at all!"), (b"te", b"gzip"), (b"grpc-timeout", b"-1S"), (b"grpc-timeout", b"9" * 20 + b"H"),
           (b"grpc-encoding", b"br"), (b"grpc-encoding", b"gzip, gzip"))
    yield Attack("calls with bad metadata", "C9", refused,
                 each(100, lambda s: grpc(s, b"ModelInfer", message(b""), field(*bad[s // 2 % len(bad)]))))
