"""P6b: what TLS costs the server per request on kept connections, small bodies."""
import dataclasses
import re

import yard
from load import alternate, counted_cpu, h2load_command, median, shown, wrk_command
from places import GENERATOR_CORE


def small(options, sheet):
    with yard.slipway(listen="127.0.0.1:0,tls:127.0.0.1:0") as server:
        plain, tls = (re.search(r"127\.0\.0\.1:\d+", address).group() for address in server.addresses)
        ask = dataclasses.replace(yard.ask_json("tiny", 64, server), expect=None)
        streams = dataclasses.replace(ask, connections=8, streams=8)
        lasting = round(options.seconds + 2)
        cases = {"HTTP/1.1, 64 connections": lambda url: wrk_command(url, 64, lasting),
                 "HTTP/2, 8 x 8 streams": lambda url: h2load_command(url, streams, lasting, warm_up=0)}
        for words, command in cases.items():
            def measure(scheme, address):
                return counted_cpu([server], [(GENERATOR_CORE, command(f"{scheme}://{address}{yard.infer('tiny')}"))], options.seconds,
                                   BODY=str(ask.body))
            found = alternate(options.rounds, plain=lambda: measure("http", plain), tls=lambda: measure("https", tls))
            beyond = median(a - b for a, b in zip(found["tls"], found["plain"]))
            sheet.add("P6b", f"tiny JSON over TLS, {words}: CPU beyond plain",
                      f"{beyond:+.2f} us ({median(found['tls']):.2f} / {median(found['plain']):.2f})", "<= 1.5 us", beyond <= 1.5)
            sheet.commands.append(shown(command("https://127.0.0.1:PORT" + yard.infer("tiny"))))
