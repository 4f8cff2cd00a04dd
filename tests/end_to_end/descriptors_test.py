"""A server that has run out of file descriptors: it waits for some to be free, without spinning, and goes on."""
import os
import resource
import socket
import unittest

from api import TIMEOUT, read_answer
from fixture import Server, eventually

LIVE = b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
DESCRIPTORS = 96
WATCHED_S = 1.0


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Descriptors(unittest.TestCase):
    def test_more_connections_than_descriptors_wait_and_are_served_when_others_leave(self):
        limits = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        with Server(limits=limits) as server:
            server.close_callers()
            host, port = server.address.rsplit(":", 1)
            opened = [socket.create_connection((host, int(port)), TIMEOUT) for _ in range(2 * DESCRIPTORS)]
            try:
                eventually(lambda: "cannot accept connections, pausing" in server.log, "accepting to pause")
                opened[0].sendall(LIVE)
                self.assertEqual(read_answer(opened[0], "GET").status, 200, "those who are in are served")
                began = cpu_seconds(server.process.pid)
                opened[-1].settimeout(WATCHED_S)
                opened[-1].sendall(LIVE)
                with self.assertRaises(TimeoutError):
                    opened[-1].recv(1)
                self.assertLess(cpu_seconds(server.process.pid) - began, WATCHED_S / 2, "it waits instead of spinning")
                opened[-1].settimeout(TIMEOUT)
                for leaving in opened[:-DESCRIPTORS // 4]:
                    leaving.close()
                self.assertEqual(read_answer(opened[-1], "GET").status, 200, "who waited is served")
                self.assertIn(b"descriptors", server.anonymous().get("/metrics").body)
            finally:
                for each in opened:
                    each.close()
            self.assertEqual(server.stop(), 0)
