"""P6b: what TLS costs the server per request on kept connections, small bodies."""
import dataclasses
import re

import yard
from load import alternate, counted_cpu, h2load_command, median, shown, wrk_command
from places import GENERATOR_CORE
from servers import Nginx, free_port


def small(options, sheet):
    with yard.slipway(listen="127.0.0.1:0,tls:127.0.0.1:0") as server:
        plain, tls = (re.search(r"127\.0\.0\.1:\d+", address).group() for address in server.addresses)
        ask = dataclasses.replace(yard.ask_json("tiny", 64, server), expect=None)
        streams = dataclasses.replace(ask, connections=8, streams=8)
        lasting = round(options.seconds + 2)
        cases = {"HTTP/1.1, 64 connections": lambda url: wrk_command(url, 64, lasting),
                 "HTTP/2, 8 x 8 streams": lambda url: h2load_command(url, streams, lasting, warm_up=0)}
        for words, command in cases.items():
            plain_cpu, tls_cpu, beyond = beyond_plain(options, ask, server, command, plain, tls, yard.infer("tiny"))
            sheet.add("P6b", f"tiny JSON over TLS, {words}: CPU beyond plain", f"{beyond:+.2f} us ({tls_cpu:.2f} / {plain_cpu:.2f})", "<= 1.5 us",
                      beyond <= 1.5)
            sheet.commands.append(shown(command("https://127.0.0.1:PORT" + yard.infer("tiny"))))
        port, files = free_port(), server.data / "tls"
        settings = f"listen 127.0.0.1:{port} ssl reuseport; ssl_certificate {files}/ca.crt; ssl_certificate_key {files}/ca.key;"
        with yard.running(Nginx(yard.answer(server, "tiny", ask.body.read_bytes(), {})[0].decode(), settings)) as nginx:
            address = nginx.url.removeprefix("http://").rstrip("/")
            plain_cpu, tls_cpu, beyond = beyond_plain(options, ask, nginx, cases["HTTP/1.1, 64 connections"], address, f"127.0.0.1:{port}", "/")
            sheet.notes.append(f"nginx's constant in the same minute, HTTP/1.1, 64 connections: {beyond:+.2f} us for TLS ({tls_cpu:.2f} / "
                               f"{plain_cpu:.2f} us).")


def beyond_plain(options, ask, server, command, plain, tls, path):
    """Medians of the server's CPU per request: plain, over TLS, and the difference."""
    def measure(address):
        return counted_cpu([server], [(GENERATOR_CORE, command(address + path))], options.seconds, BODY=str(ask.body))
    found = alternate(options.rounds, plain=lambda: measure("http://" + plain), tls=lambda: measure("https://" + tls))
    return median(found["plain"]), median(found["tls"]), median(a - b for a, b in zip(found["tls"], found["plain"]))
