"""Rows about the process: its start (P10), idle connections (P14), copies (P15), memory, and a swap of versions under load."""
import re
import shutil
import socket
import statistics
import subprocess
import time
import urllib.request

import yard
from deployer import Deployer
from load import wrk
from places import MODELS, PROGRAMS, ROOT, WORK
from servers import Slipway, wait_for

median = statistics.median
IDLE = 10_000


def first_request(server):
    return urllib.request.Request(server.url + yard.infer("tiny"), data=(MODELS / "tiny_request.json").read_bytes())


def start(options, sheet):
    times = []
    for _ in range(max(7, options.rounds)):
        with yard.running(Slipway(WORK / "one")) as server:
            wait_for(lambda: urllib.request.urlopen(first_request(server), timeout=1).read())
            times.append((time.monotonic() - server.started) * 1e3)
    sheet.add("P10", "process start to first prediction, one model", f"{median(times):.0f} ms ({min(times):.0f} .. {max(times):.0f})",
              "<= 60 ms", median(times) <= 60)
    sheet.commands.append("build/release/slipway serve --data DIR --listen 127.0.0.1:0, asked until it predicts")


def resident(pid):
    """KiB of memory that are the process's own: what it maps from files is not counted."""
    text = open(f"/proc/{pid}/status").read()
    return int(re.search(r"RssAnon:\s+(\d+)", text).group(1))


def idle(_, sheet):
    """Connections that said nothing yet, and ones that wait after an answer; what the kernel keeps is not in a process's memory."""
    head = b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    body = (MODELS / "tiny_request.json").read_bytes()
    predict = (f"POST {yard.infer('tiny')} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
               f"Content-Length: {len(body)}\r\n\r\n").encode() + body
    http2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
    for words, said in (("said nothing", b""), ("were answered once", head), ("predicted once", predict), ("speak HTTP/2", http2)):
        with yard.slipway(data="one") as server:
            with open_connections(server, 200, said):
                pass  # what the first ones cost is the server's, not theirs
            time.sleep(0.5)
            before = resident(server.process.pid)
            with open_connections(server, IDLE, said):
                time.sleep(1)
                each = (resident(server.process.pid) - before) / IDLE
        sheet.add("P14", f"{IDLE} idle connections that {words}: memory of each", f"{each:.2f} KiB", "<= 4 KiB", each <= 4)
    sheet.commands.append("RssAnon of the server before and with the connections")


class open_connections:
    """So many connections to a server, each of which said something and read the answer."""

    def __init__(self, server, count, said):
        self.address = server.url.removeprefix("http://").split(":")
        self.count, self.said, self.sockets = count, said, []

    def __enter__(self):
        for _ in range(self.count):
            one = socket.create_connection((self.address[0], int(self.address[1])), 10)
            self.sockets.append(one)
            if self.said:
                one.sendall(self.said)
                if not one.recv(65536):
                    raise RuntimeError("the server closed a connection that should wait")
        return self

    def __exit__(self, *_):
        for one in self.sockets:
            one.close()


def copies(_, sheet):
    out = subprocess.run(["/usr/bin/python3", str(ROOT / "tests" / "end_to_end" / "copies_test.py"), "--print"], check=True, capture_output=True, text=True).stdout
    for what, size, copied in re.findall(r"(?m)^(.+): body of (\d+) bytes, copied (\d+)$", out):
        share = int(copied) / int(size)
        # What comes with the head moves once more than the rest: at most one read's worth.
        sheet.add("P15", f"{what}, {size} bytes: copies of the body", f"{share:.3f}", "<= 1 (+ 5 %)", share <= 1.05)
    if not sheet.figures:
        raise RuntimeError("expected lines 'WHAT: body of N bytes, copied M' from copies_test.py, found:\n" + out)
    sheet.commands.append("tests/end_to_end/copies_test.py --print")


def whole_memory(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) / 1024


def memory(_, sheet):
    with yard.slipway(data="one") as server:
        urllib.request.urlopen(first_request(server)).read()
        ours = whole_memory(server.process.pid)
    raw = subprocess.Popen([str(PROGRAMS / "raw_run"), str(MODELS / "tiny.onnx"), "1", "2"], stdout=subprocess.DEVNULL)
    time.sleep(1)
    theirs = whole_memory(raw.pid)
    raw.wait()
    sheet.add("memory", "RSS with one tiny model - bare ONNX Runtime process", f"{ours - theirs:.0f} MiB ({ours:.0f} - {theirs:.0f})",
              "< 60 MiB", ours - theirs < 60)


def second_tiny(server):
    """Another version of tiny: the same model in a package with a label."""
    folder = WORK / "tiny2"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(MODELS / "tiny.onnx", folder / "model.onnx")
    (folder / "slipway.yaml").write_text("format: onnx\nfiles: {model: model.onnx}\nlabels: {copy: second}\n")
    server.cli("push", folder, "--name", "tiny")


def swap(options, sheet):
    """Steady rounds and rounds with swaps alternate."""
    with yard.slipway(data=yard.twin("swapped")) as server:
        second_tiny(server)
        ask = yard.ask_json("tiny", 16, server)

        def p99():  # by wrk: the two versions' answers differ in the version they name
            return wrk(server, ask, max(1, round(options.seconds)), yard.infer("tiny"))[1]
        steady, swapping, swaps = [], [], 0
        for _ in range(options.rounds):
            steady.append(p99())
            deployer = Deployer(server)
            deployer.start()
            swapping.append(p99())
            deployer.stop()
            swaps += deployer.swaps
    share = median(swapping) / median(steady)
    sheet.add("swap", "p99 while a version is swapped every 100 ms / steady",
              f"{share:.2f} ({median(swapping):.0f} / {median(steady):.0f} us, {swaps} swaps)", "<= 1.5",
              share <= 1.5)
