#!/usr/bin/env python3
"""Space data link security against the Python package `cryptography` (OpenSSL): an oracle that shares no code with the crates.

vectors FOLDER    which published keys, algorithms and masks make the codes in the frames of CryptoLib's unit tests (vectors.json)
process FEP       frames protected here under every algorithm, taken apart by the command FEP; packets and counts are compared

Needs the package cryptography. Not a part of the gate: run by hand.
"""

import hashlib
import hmac
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.cmac import CMAC


def cmac(key, octets):
    code = CMAC(algorithms.AES(key))
    code.update(octets)
    return code.finalize()


CODES = {
    "aes-cmac": cmac,
    "hmac-sha256": lambda key, octets: hmac.new(key, octets, hashlib.sha256).digest(),
    "hmac-sha512": lambda key, octets: hmac.new(key, octets, hashlib.sha512).digest(),
}


def vectors(folder):
    keys = {
        "130": bytes.fromhex("FEDCBA9876543210" * 4),
        "136": bytes.fromhex("ff9f9284cf599eac3b119905a7d18851e7e374cf63aea04358586b0f757670f9"),
        "zeros": bytes(32),
    }
    for vector in json.loads((pathlib.Path(folder) / "vectors.json").read_text()):
        if "_tc_" in vector["file"]:
            continue
        for name, digits in vector["hex"].items():
            frame = bytes.fromhex(digits)
            for fecf in (2, 0):
                body = frame[: len(frame) - fecf]
                if len(body) < 40:
                    continue
                for key, value in keys.items():
                    for found in matches(value, body[:-16], body[-16:]):
                        print(vector["file"], vector["test"], name, "key", key, found, "fecf", fecf)


def matches(key, covered, mac):
    """Every way in which this key makes the code."""
    for algorithm, code in CODES.items():
        for mask, seen in (("ones", covered), ("zeros", bytes(len(covered)))):
            if code(key, seen)[:16] == mac:
                yield f"{algorithm} mask {mask}"
    for start in (6, 8, 16, 18):
        for iv_len in (12, 16):
            for number in (0, 2):
                data = start + 2 + iv_len + number
                for mask, seen in (("ones", covered[:data]), ("zeros", bytes(data))):
                    try:
                        AESGCM(key).decrypt(covered[start + 2 :][:iv_len], covered[data:] + mac, seen)
                    except (InvalidTag, ValueError):
                        continue
                    yield f"aes-gcm behind {start} iv {iv_len} number {number} mask {mask}"


def crc16(octets):
    crc = 0xFFFF
    for octet in octets:
        crc ^= octet << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


ZONE = 200
FRAMES = 300


def packet_stream():
    """Packets of many lengths back to back, and where each begins."""
    stream, starts, count = b"", [], 0
    while len(stream) < FRAMES * ZONE:
        data = bytes((count * 31 + n) & 0xFF for n in range(count * 7 % 190 + 1))
        starts.append(len(stream))
        stream += struct.pack(">HHH", 0x0123, 0xC000 | count & 0x3FFF, len(data) - 1) + data
        count += 1
    return stream, starts


def protected(association, key, stream, starts):
    """AOS frames of one channel, each protected; and the packets that lie in them whole."""
    frames = []
    for count in range(FRAMES):
        zone = stream[count * ZONE : (count + 1) * ZONE]
        first = next((start for start in starts if start >= count * ZONE), None)
        pointer = first - count * ZONE if first is not None and first < (count + 1) * ZONE else 0x7FF
        header = struct.pack(">H", 1 << 14 | 42 << 6 | 5) + count.to_bytes(3, "big") + b"\0"
        iv = b"\x11" * (association["iv"] - 8) + struct.pack(">Q", count + 7) if association["iv"] else b""
        number = struct.pack(">I", count + 7) if association["number"] else b""
        covered = header + struct.pack(">H", 258) + iv + number
        data = struct.pack(">H", pointer) + zone
        if association["service"] == "authenticated-encryption":
            sealed = AESGCM(key).encrypt(iv, data, masked(covered, association["mask"]))
            body = covered + sealed
        elif association["algorithm"] == "aes-gcm":
            tag = AESGCM(key).encrypt(iv, b"", masked(covered + data, association["mask"]))
            body = covered + data + tag
        else:
            code = CODES[association["algorithm"]](key, masked(covered + data, association["mask"]))
            body = covered + data + code[:16]
        frames.append(body + struct.pack(">H", crc16(body)))
    end = FRAMES * ZONE
    whole = [stream[a:b] for a, b in zip(starts, starts[1:]) if b <= end]
    return frames, whole


def masked(octets, mask):
    return bytes(o & m for o, m in zip(octets, mask)) + octets[len(mask) :]


def process(fep):
    stream, starts = packet_stream()
    associations = [
        {"service": "authenticated-encryption", "algorithm": "aes-gcm", "iv": 12, "number": 0, "key": 16, "mask": b""},
        {"service": "authenticated-encryption", "algorithm": "aes-gcm", "iv": 16, "number": 4, "key": 32, "mask": b"\xff\xff\0\0\0\xff"},
        {"service": "authentication", "algorithm": "aes-gcm", "iv": 12, "number": 0, "key": 32, "mask": b"\xff\0"},
        {"service": "authentication", "algorithm": "aes-cmac", "iv": 0, "number": 4, "key": 16, "mask": b"\xff\0\xf0"},
        {"service": "authentication", "algorithm": "aes-cmac", "iv": 0, "number": 4, "key": 32, "mask": b""},
        {"service": "authentication", "algorithm": "hmac-sha256", "iv": 0, "number": 4, "key": 32, "mask": b""},
        {"service": "authentication", "algorithm": "hmac-sha512", "iv": 0, "number": 4, "key": 32, "mask": b"\0" * 8},
    ]
    for association in associations:
        with tempfile.TemporaryDirectory() as folder:
            check(fep, association, stream, starts, pathlib.Path(folder))


def check(fep, association, stream, starts, folder):
    key = bytes(range(100, 100 + association["key"]))
    frames, whole = protected(association, key, stream, starts)
    # One frame comes again, and one is forged with a valid error control field.
    forged = bytearray(frames[50])
    forged[100] ^= 1
    forged[-2:] = struct.pack(">H", crc16(forged[:-2]))
    received = [*frames[:50], bytes(forged), *frames[50:60], frames[55], *frames[60:]]
    (folder / "frames.bin").write_bytes(b"".join(received))
    (folder / "key.hex").write_text(key.hex() + "\n")
    mask = f'mask = "{association["mask"].hex()}"' if association["mask"] else ""
    (folder / "mission.toml").write_text(
        f"""
[input]
kind = "frames"
[frame]
protocol = "aos"
length = {len(frames[0])}
fecf = "crc16"
[[channel]]
scid = 42
vcid = 5
[[security]]
spi = 258
scid = 42
vcid = 5
service = "{association["service"]}"
algorithm = "{association["algorithm"]}"
iv = {association["iv"]}
sequence_number = {association["number"]}
mac = 16
window = 20
key_file = "key.hex"
{mask}
"""
    )
    command = [fep, "process", "--mission", folder / "mission.toml", "--packets", "--out", folder / "out", folder / "frames.bin"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    report = json.loads((folder / "out/report.json").read_text())
    [packets] = (folder / "out/packets").iterdir()
    assert packets.read_bytes() == b"".join(whole), f"{association}: other packets came out"
    [channel] = report["security"]
    good = channel["opened"] + channel["authenticated"]
    assert (good, channel["bad_mac"], channel["replayed"]) == (FRAMES, 1, 1), channel
    assert report["ledger"]["closed"] and report["frames"]["refused"] == 2
    print(f"{association['service']} {association['algorithm']} key of {association['key']}: {len(whole)} packets agree")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["vectors", folder]:
            vectors(folder)
        case ["process", fep]:
            process(fep)
        case _:
            sys.exit(__doc__)
