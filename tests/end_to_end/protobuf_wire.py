"""The wire format of protobuf, field by field, so that tests need nothing but Python and can write what libraries refuse to."""
import struct


def varint(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def number(field_number, value):
    return varint(field_number << 3) + varint(value)


def field(field_number, content):
    """Of bytes, text, a message, or packed numbers."""
    content = content.encode() if isinstance(content, str) else content
    return varint(field_number << 3 | 2) + varint(len(content)) + content


def framed(message):
    """As gRPC sends it, not compressed."""
    return b"\0" + struct.pack(">I", len(message)) + message
