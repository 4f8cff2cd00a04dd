"""The attacks over HTTP/1.1 and TLS: slow peers, churn, chunks, bombs, and bodies that are no request."""
import gzip
import json
import ssl
import zlib

from attacks import Attack, INFER, held

BOMB = gzip.compress(bytes(64 << 20), 9)
DEEP = 1_000_000


def refused(ending):
    """Every request had a refusal, or the connection was ended with one."""
    good = [status for status in ending.statuses if not 400 <= status < 500]
    return "" if ending.is_complete and not good else f"expected {ending.expected} refusals (4xx), found {dict(ending.statuses)}"


def head(more=b"", path=INFER):
    return b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + more


def post(body, more=b"", path=INFER):
    return head(more, path) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(chunks, trailers=b""):
    return head(b"Transfer-Encoding: chunked\r\n") + b"\r\n" + chunks + b"0\r\n" + trailers + b"\r\n"


def asking(**more):
    """A request of the bystander's one input, with something of it replaced."""
    tensor = {"name": "nonce", "datatype": "INT64", "shape": [1, 1], "data": [7]} | more
    return json.dumps({"inputs": [tensor]}).encode()


def around(value):
    """A value that JSON's own writer would not make, in a field that nobody reads."""
    return asking()[:-1] + b',"parameters":{"ignored":' + value + b"}}"


def json_bombs():
    yield b'{"inputs":' + b"[" * DEEP
    yield around(b"[" * DEEP + b"]" * DEEP)
    yield around(b'{"a":' * DEEP + b"1" + b"}" * DEEP)
    yield asking(data=[0]).replace(b"[0]", b"[" + b"9" * DEEP + b"]")
    yield asking(data=[0]).replace(b"[0]", b"[1e400]")
    yield asking(data=[0]).replace(b"[0]", b"[NaN]")
    yield asking(name="\ud800") + b"}"
    yield b"{" + b",".join(b'"%d":0' % at for at in range(200_000)) + b"}"


def tensor_abuse():
    most = 2**63 - 1
    for shape in ([-1, 1], [most, 1], [most, most], [2**32, 2**32], [1] * 100_000, [2**64, 1], [1.5, 1], "1", None, [2, 1], []):
        yield asking(shape=shape)
    for datatype in ("INT32", "FP128", "", 7, None, "BYTES"):
        yield asking(datatype=datatype)
    for data in ([], [1, 2], "7", [[[[[7]]]]] * 2, [None], ["7"], [2**63], {}, None):
        yield asking(data=data)
    tensor = json.loads(asking())["inputs"][0]
    for inputs in ([], [tensor, tensor], [tensor | {"name": "other"}], [tensor] * 2000, [7], {}, None):
        yield json.dumps({"inputs": inputs}).encode()


def binary_abuse():
    """The header or the sizes say something else than the body has."""
    def binary(size, data, declared=None):
        text = json.dumps({"inputs": [{"name": "nonce", "datatype": "INT64", "shape": [1, 1], "parameters": {"binary_data_size": size}}]}).encode()
        length = len(text) if declared is None else declared
        return post(text + data, b"Inference-Header-Content-Length: %d\r\n" % length)
    for size in (-1, 0, 7, 9, 2**31, 2**63 - 1, 2**64):
        yield binary(size, bytes(8))
    for declared in (1, 10**6, 2**64 - 1, 2**70):
        yield binary(8, bytes(8), declared)
    yield binary(8, bytes(16))


def client_hello():
    """What a client of TLS says first; the server has to sign an answer to it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    said = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), said, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return said.read()


def all_of(crowd):
    """crowd: how many slow peers come at once."""
    def raw(name, row, must, sent, **more):
        return Attack(name, row, must, sent, is_http2=False, **more)
    large = post(asking(shape=[512, 1], data=[10**15] * 512))
    hello = client_hello()
    yield raw("slow heads", "C3", held, head(b"X-Slow: "), connections=crowd, drip=b"s", reads=False)
    yield raw("slow bodies", "C3", held, head(b"Content-Length: 100000\r\n") + b"\r\n", connections=crowd, drip=b" ", reads=False)
    yield raw("slow readers", "C3", held, large * 300, connections=crowd // 10, receive_buffer=4096, reads=False)
    yield raw("idle connections", "C3", held, b"", connections=crowd, reads=False)
    yield raw("peers that come and go", "C8", held, b"", connections=200, comes_and_goes=True)
    yield raw("requests without waiting for the answer", "C8", held, large, connections=200, comes_and_goes=True)
    yield raw("parts of a ClientHello", "C8", held, hello[:40], connections=crowd, is_tls=True, reads=False)
    yield raw("handshakes that nobody goes on with", "C8", held, hello, connections=crowd, is_tls=True, reads=False)
    yield raw("handshakes that are not ended", "C8", held, hello, connections=200, is_tls=True, comes_and_goes=True)
    yield raw("chunks of one byte", "C11", refused, chunked(b"1\r\n \r\n" * 70_000))
    yield raw("trailers", "C11", refused, chunked(b"1\r\n \r\n", b"".join(b"x-%d: 1\r\n" % at for at in range(10_000))))
    yield raw("bodies that inflate", "C12", refused, post(BOMB, b"Content-Encoding: gzip\r\n"))
    yield raw("bodies that inflate, deflate", "C12", refused,
              post(zlib.compress(bytes(64 << 20), 9), b"Content-Encoding: deflate\r\n"))
    yield raw("bodies that inflate twice", "C12", refused, post(gzip.compress(BOMB), b"Content-Encoding: gzip, gzip\r\n"))
    bombs, tensors, binaries = list(json_bombs()), list(tensor_abuse()), list(binary_abuse())
    yield raw("JSON bombs", "C13", refused, b"".join(map(post, bombs)), answers=len(bombs), connections=2)
    yield raw("tensors that cannot be", "C14", refused, b"".join(map(post, tensors)), answers=len(tensors))
    yield raw("binary tensors that cannot be", "C14", refused, b"".join(binaries), answers=len(binaries))
