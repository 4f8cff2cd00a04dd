"""The attacker's side of a connection: sends bytes as they are, and tells how the server ended it."""
import collections
import contextlib
import dataclasses
import re
import socket

from api import connect

STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@dataclasses.dataclass
class Ending:
    """What a server did with a connection until it ended it, or until nothing came any more."""
    closed: bool = False
    statuses: collections.Counter = dataclasses.field(default_factory=collections.Counter)  # of HTTP/1.1
    expected: int = None  # so many answers, after which nothing more is waited for

    @property
    def is_complete(self):
        found = sum(self.statuses.values())
        return found > 0 if self.closed else found == self.expected


class Peer:
    """One connection. One thread. `patience`: seconds after which a server that does nothing is left."""

    def __init__(self, address, patience, receive_buffer=None, ending=None):
        self._socket = connect(address, patience)
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._unread, self._unsent, self.ending = b"", memoryview(b""), ending or Ending()

    def send(self, sent):
        """What the server does not take, because it has ended the connection or does not read on, is dropped."""
        with contextlib.suppress(OSError):
            self._socket.sendall(sent)

    def offer(self, sent=b""):
        """As much as the server takes now, of this and of what was left of the last; nothing is waited for."""
        if sent and not self._unsent:
            self._unsent = memoryview(sent)
        self._socket.setblocking(False)
        with contextlib.suppress(OSError):
            while self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent):]

    def end_sending(self):
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def close(self):
        self._socket.close()

    def read_on(self):
        """To the end. Afterwards `ending` tells."""
        while not self.ending.closed and not (self.ending.expected and self.ending.is_complete):
            try:
                piece = self._socket.recv(1 << 16)
            except TimeoutError:
                return self.ending
            except OSError:
                piece = b""
            self.ending.closed = not piece
            self._unread += piece
            self._take()
        return self.ending

    def _take(self):
        found = list(STATUS.finditer(self._unread))
        self.ending.statuses.update(int(status.group(1)) for status in found)
        if found:
            self._unread = self._unread[found[-1].end():]
