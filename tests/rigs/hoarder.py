"""The negative control of attack.py: a server that answers nobody, ends nothing, and keeps two hundred bytes for each it is sent, up to
384 MiB. Prints its address."""
import selectors
import socket

KEPT, MOST = 200, 384 << 20


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
    print("127.0.0.1:{}".format(listener.getsockname()[1]), flush=True)
    waits, hoard = selectors.DefaultSelector(), bytearray()
    waits.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in waits.select():
            if key.fileobj is listener:
                waits.register(listener.accept()[0], selectors.EVENT_READ)
                continue
            try:
                piece = key.fileobj.recv(1 << 16)
            except OSError:
                piece = b""
            if piece and len(hoard) < MOST:
                hoard += piece * KEPT
            if not piece:
                waits.unregister(key.fileobj)
                key.fileobj.close()


if __name__ == "__main__":
    main()
