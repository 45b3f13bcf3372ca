#!/usr/bin/env python3
"""Python peers of the column decoder on the packets of `report`: numpy, ccsdspy, space_packet_parser.

usage: decom.py PACKETS

PACKETS holds packets of 71 octets with the 27 parameters of FIELDS, back to back. Prints one JSON object: seconds for one packet, for
each peer that can be imported. Every peer decodes every parameter, and has to agree with numpy on the sums of some of them.
"""

import io
import json
import os
import sys
import tempfile
import time

# Name, bits, and what they are.
FIELDS = (
    [("VERSION", 3, "u"), ("TYPE", 1, "u"), ("SHDR", 1, "u"), ("APID", 11, "u"), ("SEQF", 2, "u"), ("COUNT", 14, "u"), ("LEN", 16, "u")]
    + [("DAY", 16, "u"), ("MS", 32, "u"), ("US", 16, "u"), ("SC", 8, "u"), ("A0", 16, "u"), ("A1", 32, "u"), ("A2", 16, "u")]
    + [(f"P{i}", 32, "f") for i in range(6)]
    + [("B0", 16, "u"), ("B1", 32, "u"), ("B2", 16, "u")]
    + [(f"Q{i}", 32, "f") for i in range(4)]
)
LEN = 71
CHECKED = ("MS", "A1", "B1", "SC")


def best(work, seconds=1.0):
    """The shortest of many repetitions."""
    shortest, end = float("inf"), time.perf_counter() + seconds
    while True:
        start = time.perf_counter()
        work()
        stop = time.perf_counter()
        shortest = min(shortest, stop - start)
        if stop > end:
            return shortest


def numpy_columns(data):
    """Fields of whole octets by a structured dtype, copied to native order; bits out of the header words."""
    import numpy

    names, formats, offsets, bit = [], [], [], 0
    for name, bits, kind in FIELDS:
        if bit >= 48:
            names.append(name)
            formats.append((">f4" if kind == "f" else f">u{bits // 8}") if bits > 8 else "u1")
            offsets.append(bit // 8)
        bit += bits
    names += ["W0", "W1", "W2"]
    formats += [">u2"] * 3
    offsets += [0, 2, 4]
    dtype = numpy.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": LEN})

    def work():
        rows = numpy.frombuffer(data, dtype)
        columns = {name: rows[name].astype(rows[name].dtype.newbyteorder("=")) for name in names}
        first, second = columns.pop("W0"), columns.pop("W1")
        columns["VERSION"] = (first >> 13).astype("u1")
        columns["TYPE"] = (first >> 12 & 1).astype("u1")
        columns["SHDR"] = (first >> 11 & 1).astype("u1")
        columns["APID"] = first & 0x7FF
        columns["SEQF"] = (second >> 14).astype("u1")
        columns["COUNT"] = second & 0x3FFF
        columns["LEN"] = columns.pop("W2")
        return columns

    return work


def ccsdspy_columns(data):
    import ccsdspy

    kinds = {"u": "uint", "f": "float"}
    # The primary header is decoded by itself.
    packet = ccsdspy.FixedLength([ccsdspy.PacketField(name, kinds[kind], bits) for name, bits, kind in FIELDS[7:]])
    return lambda: packet.load(io.BytesIO(data), include_primary_header=True)


def space_packet_parser_rows(data):
    from space_packet_parser import generators
    from space_packet_parser.xtce import definitions

    types, parameters, header, entries = [], [], [], []
    for i, (name, bits, kind) in enumerate(FIELDS):
        if kind == "f":
            types.append(f'<FloatParameterType name="{name}_T"><FloatDataEncoding sizeInBits="{bits}"/></FloatParameterType>')
        else:
            types.append(
                f'<IntegerParameterType name="{name}_T" signed="false">'
                f'<IntegerDataEncoding sizeInBits="{bits}" encoding="unsigned"/></IntegerParameterType>'
            )
        parameters.append(f'<Parameter name="{name}" parameterTypeRef="{name}_T"/>')
        (header if i < 7 else entries).append(f'<ParameterRefEntry parameterRef="{name}"/>')
    document = (
        '<SpaceSystem xmlns="http://www.omg.org/spec/XTCE/20180204" name="S"><TelemetryMetaData>'
        f'<ParameterTypeSet>{"".join(types)}</ParameterTypeSet><ParameterSet>{"".join(parameters)}</ParameterSet>'
        f'<ContainerSet><SequenceContainer name="CCSDSPacket" abstract="true"><EntryList>{"".join(header)}</EntryList>'
        f'</SequenceContainer><SequenceContainer name="DATA"><EntryList>{"".join(entries)}</EntryList>'
        '<BaseContainer containerRef="CCSDSPacket"><RestrictionCriteria><Comparison parameterRef="APID" value="11"/>'
        "</RestrictionCriteria></BaseContainer></SequenceContainer></ContainerSet></TelemetryMetaData></SpaceSystem>"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".xml", delete=False) as file:
        file.write(document)
    try:
        definition = definitions.XtcePacketDefinition.from_xtce(file.name)
    finally:
        os.unlink(file.name)

    def work():
        columns = {name: [] for name, _, _ in FIELDS}
        for octets in generators.ccsds_generator(io.BytesIO(data)):
            for name, value in definition.parse_bytes(octets).items():
                columns[name].append(value)
        return columns

    return work


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    count = len(data) // LEN
    expected = {name: sum(map(int, column)) for name, column in numpy_columns(data)().items() if name in CHECKED}
    seconds = {}
    # The slow ones are given fewer packets.
    peers = (("numpy", numpy_columns, count), ("ccsdspy", ccsdspy_columns, count), ("space_packet_parser", space_packet_parser_rows, 500))
    for name, peer, packets in peers:
        packets = min(packets, count)
        try:
            work = peer(data[: packets * LEN])
        except ImportError as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        columns = work()
        if packets == count:
            wrong = [key for key in CHECKED if sum(map(int, columns[key])) != expected[key]]
        else:
            some = numpy_columns(data[: packets * LEN])()
            wrong = [key for key in CHECKED if list(map(int, columns[key])) != list(map(int, some[key]))]
        if wrong:
            sys.exit(f"{name} does not agree on {wrong}")
        seconds[name] = best(work) / packets
    json.dump(seconds, sys.stdout)
    print()


if __name__ == "__main__":
    main()
