"""Mounts and addresses of a test's own, gone with the process that has them."""
import subprocess


def mount_namespace():
    """How to run a command in a namespace in which it may mount; None where this machine allows none."""
    for command in (["unshare", "-m"], ["unshare", "-rm"]):
        try:
            done = subprocess.run([*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
        except FileNotFoundError:
            return None
        if done.returncode == 0:
            return command
    return None


def network_namespace():
    """How to run a command in a network namespace whose addresses it may set; None where this machine allows none."""
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        try:
            done = subprocess.run([*command, "ip", "link", "set", "lo", "up"], capture_output=True)
        except FileNotFoundError:
            return None
        if done.returncode == 0:
            return command
    return None
