#!/usr/bin/env python3
"""Run a built `fep` on the real recordings and compare it with independent decoders.

    .ci/recordings.py [--fep target/release/fep] [--data ../shared/data] [--only NAME]

Each row of RECORDINGS names one recording, the mission file it is decoded with and where in the
folder's expected.json its expectation lies. To add a recording, add a row. Prints one line a
recording; exit status 1 when anything differs.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
MISSIONS = ROOT / "examples" / "missions"


class Recording(NamedTuple):
    folder: str
    file: str
    mission: str
    key: tuple = ()    # path of the expectation inside expected.json
    edits: tuple = ()  # (pattern, replacement) made to the mission text
    java: str = ""     # dumps_dariol83: the upstream unit test that counts the packets of VC0

    @property
    def name(self):
        if self.folder.startswith("frm_"):
            return self.folder
        stem = self.file.rsplit(".", 1)[0].removeprefix("dumpFile_")
        note = f" (as {self.mission}, 3 errors)" if self.edits == TOLERANT else ""
        return f"{self.folder}/{stem}{note}"


# A mission for coded bits, applied to frames that someone else has decoded already.
FRAMES_ONLY = (
    (r'kind = "bits"\n(line_code = .*\n)?', 'kind = "frames"\n'),
    (r"(?s)\[(sync|coding)\].*?\n\n", ""),
)
TOLERANT = ((r"\[sync\]\n", "[sync]\nsearch_errors = 3\n"),)

def dariol83(file, mission, java="", key=True):
    name = f"dumpFile_{file}.hex"
    place = ("own_checks", name) if key else None
    return Recording("dumps_dariol83", name, f"dariol83-{mission}", place, java=java)


def packets(folder, file, *key):
    return Recording(folder, file, "space-packets", key)


RECORDINGS = [
    Recording("cadu_aqua", "aqua.20241206T175646.dat", "aqua-db"),
    Recording("cadu_noaa20", "noaa20.20241206T162710.dat", "noaa20-hrd"),
    Recording("cadu_npp", "npp.20241206T173815.dat", "npp-hrd"),
    Recording("cadu_snpp_aligned", "snpp_synchronized_cadus.dat", "npp-hrd",
              ("snpp_synchronized_cadus",)),
    Recording("cadu_snpp_aligned", "snpp_7cadus_2vcids.dat", "npp-hrd", ("snpp_7cadus_2vcids",)),
    # Receiver noise: no lock, not even when a marker may have three wrong bits.
    Recording("cadu_noise_gcomw1", "gcomw1_first256KiB.dat", "gcom-w1"),
    Recording("cadu_noise_gcomw1", "gcomw1_first256KiB.dat", "gcom-w1", edits=TOLERANT),
    Recording("cadu_noise_gcomw1", "gcomw1_first256KiB.dat", "npp-hrd", edits=TOLERANT),
    Recording("frm_aditya_l1", "aditya_frames.u8", "aditya-l1"),
    Recording("frm_argomoon", "argomoon_frames.u8", "argomoon"),
    Recording("frm_ce5", "ce5_frames.u8", "change5"),
    Recording("frm_escapade_gold", "escapade_gold_frames_2025_11_14_16_49.u8", "escapade-gold"),
    Recording("frm_euclid", "euclid_lowrate_frames.u8", "euclid"),
    Recording("frm_hera_low", "hera_low_rate_frames_2024_10_07_16_25_23.u8", "hera-low-rate"),
    Recording("frm_im1", "im1_frames.u8", "im1"),
    Recording("frm_integral", "integral_frames.u8", "integral"),
    Recording("frm_kplo", "camras-2022_08_05_08_44_13_tlm_frames.u8", "kplo"),
    Recording("frm_lucy", "lucy_frames_eb3frn_20211016_185442.u8", "lucy"),
    Recording("frm_lunahmap", "hmap_frames.u8", "lunah-map"),
    Recording("frm_lunar_flashlight", "lunar_flashlight_frames_20221212_170854Z_2.u8",
              "lunar-flashlight"),
    Recording("frm_mars2020", "mars2020_frames.u8", "mars2020-cruise"),
    Recording("frm_mars2020_safemode", "safemode_frames.u8", "mars2020-safe-mode"),
    Recording("frm_tianwen2", "tianwen2_frames.u8", "tianwen2"),
    Recording("mib_spacepylibrary", "TMframes3.bin", "nctrs-tm"),
    Recording("soft_astrocast_9k6", "astro9k6_soft.i8", "astrocast-9k6"),
    Recording("soft_meteor_lrpt", "frames_expected_72k.bin", "meteor-m-lrpt",
              ("meteor_m22_72k",), FRAMES_ONLY),
    dariol83("tm_1", "tm-cadu", "testTmVc0SpacePacket"),
    dariol83("tm_user_data", "tm-vca"),
    dariol83("tm_gap_1", "tm-frames", "testTmVc0SpacePacketGap"),
    dariol83("tm_large_packets", "tm-frames", "testTmLargePacketSegmentedStart"),
    dariol83("tm_segmentation_bug", "tm-frames"),
    dariol83("tm_segmentation_mixed", "tm-frames", "testTmSegmentationMixedSpacePacket"),
    dariol83("tm_encapsulation", "tm-frames", "testTmVc0EncapsulationPacket", key=False),
    dariol83("tm_encapsulation_gap", "tm-frames", "testTmVc0EncapsulationPacketGap", key=False),
    dariol83("tm_encapsulation_gap_2", "tm-frames", "testTmVc0EncapsulationPacketGap2", key=False),
    dariol83("aos_1", "aos-cadu", "testAosVc0SpacePacket"),
    dariol83("aos_1_gap", "aos-cadu", "testAosVc0Gap"),
    dariol83("aos_bitstream", "aos-bitstream"),
    dariol83("aos_1_encapsulation", "aos-frames", "testAosVc0EncapsulationPacket", key=False),
    *(packets("pkt_byteorder", f"byteorder_{order}.bin", f"byteorder_{order}.bin", "stream")
      for order in ("1", "12", "123", "1234", "123456", "1234567", "12345678", "21", "2143", "321",
                    "3412", "4321", "78563412", "87654321")),
    *(packets("pkt_byteorder", file, file)
      for file in ("var_var_length_packets.bin", "var_var_length_packets_with_footer.bin",
                   "var_var_length_packets_double_varfield_with_footer.bin")),
    *(packets("pkt_hs_fixed", f"hs_apid{apid}.tlm", f"hs_apid{apid}.tlm")
      for apid in ("001", "010", "035", "130", "251")),
    packets("pkt_jpss_geoloc", "J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1", "xtce"),
    Recording("pkt_suda", "sciData_2022_130_17_41_53.spl", "clipper-suda", ("xtce",)),
    *(packets("pkt_variable_mix", file, file)
      for file in ("apid00400.tlm", "apid01216.tlm", "apid01217.tlm", "apid01219.tlm",
                   "apid01223.tlm", "apid01227.tlm", "apid01232.tlm", "ecm_raw2.bin",
                   "expanding_footer_packet.bin")),
    *(packets("pkt_viirs", file, file)
      for file in ("viirs_packets.dat", "viirs_merge1.dat", "viirs_merge2.dat")),
    packets("pkt_yamcs_quickstart", "testdata.ccsds"),
]


class Check:
    """What one recording gave, compared piece by piece."""

    def __init__(self):
        self.wrong = []
        self.hashes = []
        self.frames = 0
        self.packets = 0

    def equal(self, what, ours, expected):
        if expected is not None and ours != expected:
            self.wrong.append(f"{what} is {ours}, expected {expected}")

    def sha256(self, what, path, expected):
        """An output that fep had no reason to write is an empty one."""
        if expected is None:
            return
        octets = path.read_bytes() if path.exists() else b""
        same = hashlib.sha256(octets).hexdigest() == expected
        self.hashes.append(same)
        if not same:
            self.wrong.append(f"sha-256 of {what} ({len(octets)} octets) differs")

    def line(self, name):
        sha = "-" if not self.hashes else "equal" if all(self.hashes) else "DIFFERS"
        verdict = "FAIL: " + "; ".join(self.wrong) if self.wrong else "ok"
        counts = f"{self.frames:6} frames {self.packets:6} packets"
        return f"{name:56} {counts}  sha {sha:7}  {verdict}"


def prepare(source, scratch):
    """The binary input: hex dumps and soft symbols are converted into the scratch folder."""
    if source.suffix == ".hex":
        octets = bytes.fromhex("".join(source.read_text().split()))
    elif source.suffix == ".i8":
        # Soft symbols, signed octets, positive = 1: hard decisions, first bit most significant.
        ones = "".join("1" if 0 < symbol < 128 else "0" for symbol in source.read_bytes())
        size = -(-len(ones) // 8)
        octets = int(ones.ljust(8 * size, "0"), 2).to_bytes(size, "big")
    else:
        return source
    target = scratch / "input.bin"
    target.write_bytes(octets)
    return target


def run(fep, recording, data, check):
    folder = data / recording.folder
    document = json.loads((folder / "expected.json").read_text())
    expected = document if recording.key is not None else {}
    for key in recording.key or ():
        expected = expected[key]
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        source = prepare(folder / recording.file, scratch)
        mission = MISSIONS / f"{recording.mission}.toml"
        if recording.edits:
            text = mission.read_text()
            for pattern, replacement in recording.edits:
                text, count = re.subn(pattern, replacement, text)
                assert count, f"{pattern} is not in {mission}"
            mission = scratch / "mission.toml"
            mission.write_text(text)
        out = scratch / "out"
        command = [fep, "process", source, "--mission", mission, "--out", out]
        command += ["--frames", "--packets", "--idle", "--all-frames", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["silent"])[-1]
            check.wrong.append(f"exit status {done.returncode}: {said}")
        if not (out / "report.json").exists():
            check.wrong.append("no report.json")
            return
        report = json.loads((out / "report.json").read_text())
        check.equal("ledger closed", report["ledger"]["closed"], True)
        if "frames" in report:
            check.frames = report["frames"]["total"]
            compare_sync(check, report, expected)
            compare_frames(check, report, expected, out)
            if recording.folder.startswith("frm_"):
                # The file is nothing but frames, so every frame in order is the file itself.
                whole = document["files"][recording.file]["sha256"]
                check.sha256("frames.bin", out / "frames.bin", whole)
            if recording.java:
                compare_java(check, report, document, recording)
        else:
            check.packets = sum(apid["packets"] for apid in report["apids"])
            check.equal("packets", check.packets, expected["packets"])
            compare_apids(check, "", report["apids"], expected["apids"])
            written = list((out / "packets").glob("*.bin"))
            if len(written) == 1 and recording.mission == "space-packets":
                # The file is nothing but whole packets.
                whole = document["files"][recording.file]["sha256"]
                check.sha256("packets", written[0], whole)


def compare_sync(check, report, expected):
    """Synchronization and Reed-Solomon, where the expectation begins with bits."""
    if "sync" not in report:
        return
    sync = report["sync"]
    check.equal("CADUs", sync["cadus"], first(
        expected, "full_cadus", "cadus", "expected_frames", "total_frames", "lines"))
    if expected.get("expected_frames") == 0:
        check.equal("locks", len(sync["locks"]), 0)
    if "first_asm_bit_offset" in expected:
        check.equal("locks", len(sync["locks"]), 1)
        # Bits before the first marker and after the last whole CADU are in no frame, whatever
        # fep calls them.
        bits = report["ledger"]["bits"]
        loose = expected["first_asm_bit_offset"] + expected["tail_bits_after_last_full_cadu"]
        check.equal("bits outside frames", bits["discarded"] + bits["pending"], loose)
    code = expected.get("rs")
    if isinstance(code, dict) and "symbols_corrected" in code:
        ours = report["coding"]
        check.equal("uncorrectable", ours["uncorrectable"], code["frames_uncorrectable"])
        check.equal("symbols corrected", ours["symbols_corrected"], code["symbols_corrected"])


def compare_frames(check, report, expected, out):
    frames = report["frames"]
    total = first(
        expected, "frames", "full_cadus", "cadus", "expected_frames", "total_frames", "lines")
    check.equal("frames", frames["total"], total if isinstance(total, int) else None)
    check.sha256("frames.bin", out / "frames.bin", first(
        expected, "frames_sha256", "frames_sha256_concatenated", "frames_in_time_order_sha256"))
    fecf = expected.get("fecf") if isinstance(expected.get("fecf"), dict) else {}
    check.equal("FECF failures", frames["fecf_failed"], fecf.get("bad", 0))
    strange = 0
    if "frames_main_scid" in expected:
        # False Reed-Solomon decodes: a version number or spacecraft that is none of the mission's.
        strange = expected["frames"] - expected["frames_main_scid"] - fecf.get("bad", 0)
    unused = frames["malformed"] + frames["undeclared"]
    check.equal("malformed and undeclared frames", unused, strange)
    channels = {channel["vcid"]: channel for channel in report["channels"] if channel["frames"]}
    check.packets = sum(vc["packets"] + vc["idle_packets"] for vc in channels.values())
    virtual = first(expected, "vc", "packets", default={})
    virtual = virtual if isinstance(virtual, dict) else {}
    if virtual:
        check.equal("channels", sorted(channels), sorted(int(vcid) for vcid in virtual))
    for vcid, theirs in virtual.items():
        ours = channels.get(int(vcid))
        if ours:
            theirs = {"frames": theirs} if isinstance(theirs, int) else theirs
            single = "duplicate_consecutive_frames" in expected
            compare_channel(check, report, ours, theirs, out, single)


def compare_channel(check, report, ours, theirs, out, without_duplicates):
    name = f"VC{ours['vcid']}"
    discontinuities = first(theirs, "vc_count_discontinuities", "gaps")
    missing = first(theirs, "vc_frames_missing", "missing")
    if without_duplicates:
        # The expectation was made after consecutive duplicates had been removed; fep counts each
        # among the frames and calls it a repeat.
        distinct = ours["frames"] - ours["repeats"]
        check.equal(f"{name} frames less repeats", distinct, theirs["frames"])
        check.equal(f"{name} gaps", ours["gaps"], discontinuities)
        check.equal(f"{name} missing", ours["missing"], missing)
    else:
        # A constant counter (idle channels): at each step the expectation counts a whole turn of
        # the counter less one as missing, fep a repeat and no loss.
        turn = (1 << (24 if ours["tfvn"] == 1 else 8)) - 1
        check.equal(f"{name} frames", ours["frames"], theirs["frames"])
        check.equal(f"{name} gaps and repeats", ours["gaps"] + ours["repeats"], discontinuities)
        check.equal(f"{name} missing", ours["missing"] + turn * ours["repeats"], missing)
    # Expected packets include idle packets, in counts and in hashes: hence fep's --idle.
    check.equal(f"{name} packets", ours["packets"] + ours["idle_packets"], theirs.get("packets"))
    # A packet is cut when at least one of its octets was held: a gap between packets cuts none.
    cut = theirs.get("partial_packets_dropped_at_gaps")
    check.equal(f"{name} truncated packets", ours["truncated_packets"], cut)
    tail = theirs.get("unfinished_tail_bytes")
    check.equal(f"{name} pending octets", ours["octets"]["pending"], tail)
    path = out / "packets" / f"{ours['tfvn']}-{ours['scid']}-{ours['vcid']}.bin"
    check.sha256(f"{name} packets", path, theirs.get("packets_sha256"))
    if "apids" in theirs:
        mine = [apid for apid in report["apids"]
                if (apid["scid"], apid["vcid"]) == (ours["scid"], ours["vcid"])]
        compare_apids(check, f"{name} ", mine, theirs["apids"], ours["idle_packets"])


def compare_apids(check, where, ours, theirs, idle=None):
    found = {apid["apid"]: apid for apid in ours}
    strangers = sorted(set(found) - {int(apid) for apid in theirs})
    if strangers:
        check.wrong.append(f"{where}APIDs not expected: {strangers}")
    for number, expected in theirs.items():
        name = f"{where}APID {number}"
        expected = {"count": expected} if isinstance(expected, int) else expected
        mine = found.get(int(number))
        if mine is None and number == "2047" and idle is not None:
            # Idle packets need no line of their own: the channel counts them.
            check.equal(f"{name} packets", idle, expected["count"])
            continue
        if mine is None:
            check.wrong.append(f"{name} is missing")
            continue
        check.equal(f"{name} packets", mine["packets"], expected["count"])
        check.equal(f"{name} octets", mine["octets"], expected.get("bytes"))
        # As for channels: the expectation takes a sequence count that stands still for 16383 lost
        # packets.
        repeats = mine.get("sequence_repeats", 0)
        steps = expected.get("seq_discontinuities")
        check.equal(f"{name} sequence gaps and repeats", mine["sequence_gaps"] + repeats, steps)
        missing = expected.get("seq_missing")
        check.equal(f"{name} missing", mine["missing"] + 16383 * repeats, missing)


def compare_java(check, report, document, recording):
    """The packets of VC0 that the upstream test asserts: good ones, idle included, and cut."""
    asserted = " ".join(
        assertion for test in document["java_unit_tests"] for assertion in test["assertions"]
        if test["test"] == recording.java and recording.file in test["files"])
    good, bad = (re.findall(rf"assertEquals\((\d+), {word}Packets\.size", asserted)
                 for word in ("good", "bad"))
    channel = next((channel for channel in report["channels"] if channel["vcid"] == 0), None)
    if not good or channel is None:
        check.wrong.append("no VC0" if good else f"{recording.java} has no packet count")
        return
    check.equal("VC0 good packets", channel["packets"] + channel["idle_packets"], int(good[0]))
    if bad:
        check.equal("VC0 bad packets", channel["truncated_packets"], int(bad[0]))


def first(mapping, *keys, default=None):
    return next((mapping[key] for key in keys if key in mapping), default)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fep", type=Path, metavar="PATH", help="the built command",
                        default=ROOT / "target" / "release" / "fep")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder of the recordings",
                        default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", metavar="NAME", help="recordings whose name contains NAME")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"recordings.py: no recordings at {options.data}: name their folder with --data")
    if not options.fep.is_file():
        sys.exit(f"recordings.py: no fep at {options.fep}: build it or name it with --fep")
    chosen = [row for row in RECORDINGS if not options.only or options.only in row.name]
    if not chosen:
        sys.exit(f"recordings.py: no recording is called {options.only}")
    failed = 0
    for recording in chosen:
        check = Check()
        try:
            run(options.fep.resolve(), recording, options.data, check)
        except (AssertionError, LookupError, OSError, subprocess.SubprocessError,
                ValueError) as error:
            check.wrong.append(f"{type(error).__name__}: {error}")
        failed += bool(check.wrong)
        print(check.line(recording.name), flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
