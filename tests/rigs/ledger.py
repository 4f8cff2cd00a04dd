"""What the clients of the kill rig were told, kept outside of the server."""
import dataclasses
import json
import threading


@dataclasses.dataclass
class Write:
    key: str          # unique; travels as the reason of the change, so the history must name it
    action: str       # the history's word for it
    subject: str      # what it writes
    value: int = 0    # what it writes there; a push is given its value by the answer
    acknowledged: bool = False
    checked: bool = False


class Ledger:
    """Any thread. `path` gets one line for every write that is about to be sent, and one for every acknowledgement."""

    def __init__(self, path):
        self._file = open(path, "w")
        self._lock = threading.Lock()
        self.writes = []

    def intend(self, write):
        with self._lock:
            self.writes.append(write)
            self._file.write(json.dumps({"sent": write.key, "to": write.subject, "value": write.value}) + "\n")
            self._file.flush()
        return write

    def acknowledge(self, write, value=None):
        with self._lock:
            write.acknowledged = True
            write.value = write.value if value is None else value
            self._file.write(json.dumps({"acknowledged": write.key, "value": write.value}) + "\n")
            self._file.flush()

    def unchecked(self):
        return [write for write in self.writes if not write.checked]

    def close(self):
        self._file.close()
