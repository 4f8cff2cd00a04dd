"""P3: against Triton 2.51 with the same ONNX Runtime on one core, by CPU per request; calculated from P1, P2 and P5.

Triton's CPU per request was measured once, where nginx answered its constant at 6.35 us; it is scaled by nginx here."""
import sheet as sheets

NGINX_THERE = 6.35
# what, Triton's microseconds there, (row, number) of ours, target
PUBLISHED = (("HTTP tiny, 8 connections", 41, ("P1", "slipway_cpu_8"), 4.8),
             ("HTTP tiny, 64 connections", 31.5, ("P1", "slipway_cpu_64"), 4.8),
             ("gRPC tiny, 8 connections", 52, ("P2", "slipway_cpu_8x1"), 5),
             ("gRPC tiny, 64 streams", 31, ("P2", "slipway_cpu_1x64"), 5),
             ("mlp784 binary", 1e6 / 25_000, ("P5-mlp784", "slipway_cpu_binary"), 2.5),
             ("slow binary", 1e6 / 8_000, ("P5-slow", "slipway_cpu_binary"), 1.4))


def published(_, sheet):
    nginx = {connections: sheets.numbers("P1").get(f"nginx_cpu_{connections}") for connections in (8, 64)}
    for what, theirs, (row, number), target in PUBLISHED:
        here = nginx[8 if " 8 " in what else 64]
        ours = sheets.numbers(row).get(number)
        if not here or not ours:
            raise RuntimeError(f"P3 is calculated from P1, P2 and P5: expected {number} of {row} in {sheets.ROWS}; measure that row first")
        scaled = theirs * here / NGINX_THERE
        sheet.add("P3", f"{what}: Triton's CPU / ours", f"{scaled / ours:.2f} ({scaled:.1f} / {ours:.2f} us)", f">= {target}",
                  scaled / ours >= target)
    sheet.notes.append(f"Triton's figures scaled by nginx here / {NGINX_THERE} us: {nginx[8]:.2f} us at 8 connections (for the rows at 8) and "
                       f"{nginx[64]:.2f} us at 64 (for the others).")
