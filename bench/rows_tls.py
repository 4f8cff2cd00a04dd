"""P6b: what TLS costs the server per request on kept connections, small bodies."""
import contextlib
import dataclasses
import re

import profiles
import yard
from load import alternate, counted_cpu, h2load_command, median, shown, wrk_command
from places import GENERATOR_CORE
from servers import Nginx, free_port


def http1(options, sheet):
    with served() as (server, plain, tls):
        ask = dataclasses.replace(yard.ask_json("tiny", 64, server), expect=None)

        def command(url):
            return wrk_command(url, 64, round(options.seconds + 2))
        path = yard.infer("tiny")
        add(options, sheet, "HTTP/1.1, 64 connections", ask, server, command, plain, tls)
        port, files = free_port(), server.data / "tls"
        settings = f"listen 127.0.0.1:{port} ssl reuseport; ssl_certificate {files}/server.crt; ssl_certificate_key {files}/server.key;"
        with yard.running(Nginx(yard.answer(server, "tiny", ask.body.read_bytes(), {})[0].decode(), settings)) as nginx:
            address = nginx.url.removeprefix("http://").rstrip("/")
            plain_cpu, tls_cpu, beyond = beyond_plain(options, ask, nginx, command, address, f"127.0.0.1:{port}", "/")
            sheet.notes.append(f"nginx's constant in the same minute, HTTP/1.1, 64 connections: {beyond:+.2f} us for TLS ({tls_cpu:.2f} / "
                               f"{plain_cpu:.2f} us).")
        if sheet.has_missed() and not options.no_profile:
            def load():
                return counted_cpu([server], [(GENERATOR_CORE, command(f"https://{tls}{path}"))], options.seconds, BODY=str(ask.body))
            libraries, functions = profiles.samples(server, load)
            sheet.notes.append("\n".join([f"Over TLS, microseconds of CPU per request: {profiles.split(libraries)}", "",
                                          *profiles.listed(functions)]))


def http2(options, sheet):
    with served() as (server, plain, tls):
        ask = dataclasses.replace(yard.ask_json("tiny", 8, server), expect=None, streams=8)
        add(options, sheet, "HTTP/2, 8 x 8 streams", ask, server, lambda url: h2load_command(url, ask, round(options.seconds + 2), warm_up=0),
            plain, tls)


@contextlib.contextmanager
def served():
    """(server, its plain address, its address with TLS)"""
    with yard.slipway(listen="127.0.0.1:0,tls:127.0.0.1:0") as server:
        yield server, *(re.search(r"127\.0\.0\.1:\d+", address).group() for address in server.addresses)


def add(options, sheet, words, ask, server, command, plain, tls):
    plain_cpu, tls_cpu, beyond = beyond_plain(options, ask, server, command, plain, tls, yard.infer("tiny"))
    sheet.add("P6b", f"tiny JSON over TLS, {words}: CPU beyond plain", f"{beyond:+.2f} us ({tls_cpu:.2f} / {plain_cpu:.2f})", "<= 1.5 us",
              beyond <= 1.5)
    sheet.commands.append(shown(command("https://127.0.0.1:PORT" + yard.infer("tiny"))))


def beyond_plain(options, ask, server, command, plain, tls, path):
    """Medians of the server's CPU per request: plain, over TLS, and the difference."""
    def measure(address):
        return counted_cpu([server], [(GENERATOR_CORE, command(address + path))], options.seconds, BODY=str(ask.body))
    found = alternate(options.rounds, plain=lambda: measure("http://" + plain), tls=lambda: measure("https://" + tls))
    return median(found["plain"]), median(found["tls"]), median(a - b for a, b in zip(found["tls"], found["plain"]))
