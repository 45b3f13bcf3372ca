#!/usr/bin/env python3
"""Decode the same packets with `fep db decode` and with space_packet_parser, and compare every raw and calibrated value.

    .ci/peers/xtce_values.py --fep target/release/fep [--data ../shared/data] [--venv target/peers]

The peer is installed from PyPI into a virtual environment of its own the first time. Exit status 1 when a value differs.
"""

import argparse
import json
import math
import subprocess
import sys
import venv
from pathlib import Path

# Folder, packets, database, octets before each packet.
FILES = [
    ("pkt_jpss_geoloc", "J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1", "jpss1_geolocation_xtce_v1.xml", 0),
    ("pkt_jpss_geoloc", "J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1", "contrived_inheritance_structure.xml", 0),
    ("pkt_suda", "sciData_2022_130_17_41_53.spl", "suda_combined_science_definition.xml", 4),
    ("pkt_yamcs_quickstart", "testdata.ccsds", "xtce.xml", 0),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fep", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--venv", type=Path, default=Path("target/peers"))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside:
        python = arguments.venv / "bin" / "python"
        if not python.exists():
            venv.create(arguments.venv, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "space_packet_parser==6.2.0"], check=True)
        return subprocess.run([python, *sys.argv, "--inside"]).returncode
    differing = 0
    for folder, packets, database, skip in FILES:
        path = arguments.data / folder
        if not path.is_dir():
            print(f"skipped: there is no {path}")
            continue
        differing += compare(arguments.fep, path / packets, path / database, skip)
    return 1 if differing else 0


def root_of(definition):
    """The container that others extend: the peer begins with `CCSDSPacket` unless it is told otherwise."""
    bases = {container.base_container_name for container in definition.containers.values()}
    roots = [name for name, container in definition.containers.items() if container.base_container_name is None and name in bases]
    return roots[0] if roots else None


def compare(fep: Path, packets: Path, database: Path, skip: int) -> int:
    from space_packet_parser import ccsds_generator
    from space_packet_parser.xtce.definitions import XtcePacketDefinition

    label = f"{database.parent.name}/{database.name}"
    command = [fep, "db", "decode", database, packets, "--skip", str(skip)]
    decoded = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    ours = [json.loads(line) for line in decoded.stdout.splitlines()]
    try:
        definition = XtcePacketDefinition.from_xtce(database)
    except Exception as error:  # Whatever the peer raises, it cannot read the database.
        print(f"{label}: the peer does not load it: {type(error).__name__}: {error}")
        return 0
    root = root_of(definition)
    compared, differing, shown, failed, count = 0, 0, 0, 0, 0
    with packets.open("rb") as file:
        for index, octets in enumerate(ccsds_generator(file, skip_header_bytes=skip)):
            count += 1
            try:
                theirs = definition.parse_bytes(octets, root_container_name=root)
            except Exception as error:
                failed += 1
                if failed == 1:
                    print(f"{label}: packet {index}: the peer fails: {type(error).__name__}: {error}")
                continue
            own = {}
            for parameter in ours[index]["parameters"]:
                own.setdefault(parameter["name"].rsplit("/", 1)[-1], []).append(parameter)
            for name, value in theirs.items():
                raw = getattr(value, "raw_value", value)
                found = own.get(name, [])
                # The peer keeps the last of several values.
                is_right = found and same(found[-1]["raw"], raw) and same(found[-1].get("label", found[-1]["value"]), value)
                compared += 1
                if not is_right:
                    differing += 1
                    if shown < 10:
                        shown += 1
                        print(f"{label}: packet {index}: {name}: ours {found[-1:]}, theirs {raw!r} -> {value!r}"[:400])
    if count != len(ours):
        print(f"{label}: {len(ours)} packets, the peer finds {count}")
        differing += 1
    print(f"{label}: {count} packets, {compared} values compared, {differing} differ; the peer fails on {failed} packets")
    return differing


def same(own, other) -> bool:
    if isinstance(other, (bytes, bytearray)):
        return own == bytes(other).hex()
    if isinstance(other, str):
        return own == str(other)
    if isinstance(own, bool) or isinstance(own, str) or own is None:
        return own == other
    return own == other or (math.isnan(other) and own is None)


if __name__ == "__main__":
    sys.exit(main())
