"""How much one program may take of this machine."""

from __future__ import annotations

from dataclasses import dataclass, replace

MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one jailed program may use; past any of them it is killed."""

    memory_bytes: int = 4 * GIB  # address space, not resident memory: x264's threads reserve far more than they touch
    cpu_seconds: int = 60
    file_bytes: int = 256 * MIB  # of one file it writes
    output_bytes: int = 2 * GIB  # of everything in its scratch directory but the input
    open_files: int = 256
    wall_seconds: float = 120.0
    silence_seconds: float = 30.0  # without a line on stdout, once the first has come
    nice: int = 5


PROBE = Limits(cpu_seconds=30, file_bytes=16 * MIB, output_bytes=32 * MIB, wall_seconds=60.0, nice=0)


def for_remux(*, duration_seconds: float, size_bytes: int) -> Limits:
    """Copying streams is bound by the disk: 0.003 CPU seconds a second of film were measured."""
    return replace(
        PROBE,
        cpu_seconds=60 + int(duration_seconds / 10),
        file_bytes=size_bytes + 64 * MIB,
        output_bytes=size_bytes + size_bytes // 4 + 64 * MIB,
        wall_seconds=120.0 + duration_seconds,
    )


def for_encode(*, duration_seconds: float, pixels: int, max_bits_per_second: int) -> Limits:
    """An encode of ``pixels`` a frame: 1.5 CPU seconds a second of 1080p were measured, ten times that is granted."""
    load = max(1.0, pixels / (1920 * 1080))
    return Limits(
        cpu_seconds=120 + int(15 * load * duration_seconds),
        file_bytes=64 * MIB,
        output_bytes=64 * MIB + int(duration_seconds * max_bits_per_second / 8 * 1.5),
        wall_seconds=120.0 + 10.0 * load * duration_seconds,
    )
