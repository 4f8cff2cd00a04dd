"""A server whose data lies on a small disk of its own."""
from fixture import Server
from namespaces import mount_namespace

SMALL_DISK_MIB = 24


def server_on_a_small_disk(test):
    """Started, in a mount namespace that goes with it; closed at the end of the test."""
    namespace = mount_namespace()
    test.assertIsNotNone(namespace, "expected unshare to allow a mount namespace, as root or by user namespaces")
    server = Server()
    test.addCleanup(server.close)
    server.data.mkdir(mode=0o700)
    server.inside(namespace, f"mount -t tmpfs -o size={SMALL_DISK_MIB}m,mode=0700 tmpfs {server.data}")
    server.start()
    return server
