"""What attack.py compares with: takes the same traffic, throws it away, and answers nobody. Prints its address."""
import contextlib
import selectors
import socket

MOST_HELD = 6000


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.setblocking(False)
    print("127.0.0.1:{}".format(listener.getsockname()[1]), flush=True)
    waits = selectors.DefaultSelector()
    waits.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in waits.select():
            if key.fileobj is listener:
                with contextlib.suppress(OSError):
                    taken = listener.accept()[0]
                    taken.setblocking(False)
                    if len(waits.get_map()) < MOST_HELD:
                        waits.register(taken, selectors.EVENT_READ)
                continue
            try:
                piece = key.fileobj.recv(1 << 16)
            except BlockingIOError:
                continue
            except OSError:
                piece = b""
            if not piece:
                waits.unregister(key.fileobj)
                key.fileobj.close()


if __name__ == "__main__":
    main()
