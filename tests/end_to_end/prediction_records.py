"""Reads the segments of a prediction log as docs/formats/prediction-log.md has them."""
import dataclasses
import struct

_HEAD, _FRAME = 16, struct.Struct("<IIII")
_PREDICTION = struct.Struct("<40sQQQQdBBBBHH4fqqQ")
LIVE, SHADOW = 0, 2


@dataclasses.dataclass(frozen=True)
class Prediction:
    request: str
    version: int
    unit: int
    revision: int
    probability: float
    by: int
    status: int
    traffic: int
    rows: int
    pair: int
    values: tuple
    at: int
    latency: int
    outputs: int


def _prediction(record):
    key, _, version, unit, revision, probability, by, status, count, traffic, rows, pair, *rest = _PREDICTION.unpack(record)
    return Prediction(key.rstrip(b"\0").decode(), version, unit, revision, probability, by, status, traffic, rows, pair,
                      tuple(rest[:count]), *rest[4:])


def _unpacked(payload, records):
    """Each is written as what differs from the one before it."""
    words, at = [0] * 16, 0
    for _ in range(records):
        mask, at = int.from_bytes(payload[at:at + 2], "little"), at + 2
        for i in range(16):
            if mask >> i & 1:
                skipped, count = payload[at] >> 4, payload[at] & 15
                words[i] ^= int.from_bytes(payload[at + 1:at + 1 + count], "little") << 8 * skipped
                at += 1 + count
        yield struct.pack("<16Q", *words)


def predictions(data):
    """All of them, in order, of the server whose data folder it is."""
    found = []
    for segment in sorted((data / "predictions").glob("*.log")):
        content = segment.read_bytes()
        at = _HEAD
        while at + _FRAME.size <= len(content):
            kind, records, size, _ = _FRAME.unpack_from(content, at)
            at += _FRAME.size
            if at + size > len(content):
                break
            if kind == 1:
                found += [_prediction(record) for record in _unpacked(content[at:at + size], records)]
            at += size
    return found
