#!/usr/bin/env python3
"""Flash, memory, stack and instructions of the firmware's stages, held against the committed table.

usage: budget.py IMAGES TABLE COMPILER [--write]

IMAGES is a folder with the images budget_* of the Cortex-M4F, built with -Zemit-stack-sizes, and the recordings clean.bin and
damaged.bin. What the image without a stage takes is taken off. A number that differs from the table by more than two in a hundred
fails; where the table was measured with another compiler, only one that has grown by more than ten in a hundred does.
"""
import struct
import subprocess
import sys
from pathlib import Path

STAGES = {
    "check": "(a) synchronization, derandomization, Reed-Solomon check",
    "correct": "(b) the same with Reed-Solomon correction",
    "packets": "(c) and three virtual channels, FECF, packets",
    "parameters": "(d) and 40 parameters a packet, calibrated, with alarms",
}
COLUMNS = ["stage", "flash", "ram", "stack", "frame", "instructions_per_octet", "instructions_at_most"]
# Octets: targets that hold whatever the table says.
MAX_FLASH = {"packets": 24 * 1024}
MAX_RAM = {"packets": 6 * 1024}
MAX_FRAME = 1024
# Under `-icount shift=0` an instruction takes a nanosecond, and SysTick of this board counts at 25 MHz.
INSTRUCTIONS_PER_TICK = 40


class Image:
    """A little-endian ELF file of 32 bits."""

    def __init__(self, path):
        self.octets = path.read_bytes()
        (offset,) = struct.unpack_from("<I", self.octets, 0x20)
        size, count, names = struct.unpack_from("<HHH", self.octets, 0x2E)
        headers = [struct.unpack_from("<10I", self.octets, offset + i * size) for i in range(count)]
        at = headers[names][4]
        self.sections = {self.text(at + header[0]): header for header in headers}

    def text(self, at):
        return self.octets[at : self.octets.index(b"\0", at)].decode()

    def flash(self):
        """What is loaded: code, constants and the first values of memory."""
        return sum(h[5] for h in self.sections.values() if h[2] & 2 and h[1] != 8)

    def ram(self):
        return sum(h[5] for h in self.sections.values() if h[2] & 3 == 3)

    def symbols(self):
        table, strings = self.sections[".symtab"], self.sections[".strtab"]
        for at in range(table[4], table[4] + table[5], 16):
            name, value, size = struct.unpack_from("<III", self.octets, at)
            yield self.text(strings[4] + name), value, size

    def frame_buffers(self):
        """The window and the block of the receiver."""
        return sum(size for name, _, size in self.symbols() if "6WINDOW" in name or "5BLOCK" in name)

    def frames(self):
        """The stack frame of every function, the largest first."""
        header = self.sections[".stack_sizes"]
        section, at, frames = self.octets[header[4] : header[4] + header[5]], 0, []
        names = {value & ~1: name for name, value, size in self.symbols() if size}
        while at < len(section):
            (address,) = struct.unpack_from("<I", section, at)
            at, size, shift = at + 4, 0, 0
            while True:
                octet = section[at]
                at, size, shift = at + 1, size | (octet & 0x7F) << shift, shift + 7
                if octet < 0x80:
                    break
            frames.append((size, names.get(address & ~1, hex(address))))
        return sorted(frames, reverse=True)


def run(image, recording):
    """Octets, ticks, the most ticks of a piece of 64 octets, and the stack, for a recording."""
    command = ["timeout", "120", "qemu-system-arm", "-M", "mps2-an386", "-icount", "shift=0", "-nographic"]
    command += ["-monitor", "none", "-serial", "none", "-semihosting-config", "enable=on,target=native"]
    command += ["-kernel", str(image), "-device", f"loader,file={recording},addr=0x21000000,force-raw=on"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    numbers = (done.stderr + done.stdout).split()
    if done.returncode or len(numbers) != 4:
        raise SystemExit(f"{image.name} with {recording.name}: exit {done.returncode}: {done.stderr}{done.stdout}")
    return tuple(map(int, numbers))


def measure(folder):
    rows = {}
    paths = {stage: folder / f"budget_{stage}" for stage in ["base", *STAGES]}
    images = {stage: Image(path) for stage, path in paths.items()}
    runs = {
        stage: {name: run(path, folder / f"{name}.bin") for name in ("clean", "damaged")} for stage, path in paths.items()
    }
    for stage in STAGES:
        image, base = images[stage], images["base"]
        octets, ticks, _, _ = runs[stage]["clean"]
        own = ticks - runs["base"]["clean"][1]
        rows[stage] = {
            "flash": image.flash() - base.flash(),
            "ram": image.ram() - base.ram() - image.frame_buffers(),
            "stack": max(stack for *_, stack in runs[stage].values()),
            "frame": image.frames()[0][0],
            "instructions_per_octet": round(own * INSTRUCTIONS_PER_TICK / octets, 1),
            "instructions_at_most": max(longest for _, _, longest, _ in runs[stage].values()) * INSTRUCTIONS_PER_TICK,
        }
    return rows, images


def main():
    folder, table, compiler = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    rows, images = measure(folder)
    text = f"# {compiler}\n" + "\t".join(COLUMNS) + "\n"
    for stage, row in rows.items():
        text += "\t".join([stage, *(str(row[column]) for column in COLUMNS[1:])]) + "\n"
    print(text, end="")
    faults = []
    for stage, row in rows.items():
        if row["flash"] > MAX_FLASH.get(stage, row["flash"]):
            faults.append(f"{stage}: {row['flash']} octets of flash, at most {MAX_FLASH[stage]} are to be had")
        total = row["ram"] + row["stack"]
        if total > MAX_RAM.get(stage, total):
            faults.append(f"{stage}: {total} octets of memory and stack, at most {MAX_RAM[stage]} are to be had")
        for size, name in images[stage].frames():
            if size > MAX_FRAME:
                faults.append(f"{stage}: a stack frame of {size} octets, at most {MAX_FRAME}: {name}")
    if "--write" in sys.argv:
        table.write_text(text)
    elif not table.exists():
        faults.append(f"there is no {table}: measure with --write")
    else:
        faults += compare(rows, table.read_text().splitlines(), compiler)
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        raise SystemExit("the budget is broken; where that is meant, measure anew with --write")


def compare(rows, lines, compiler):
    same = lines[0] == f"# {compiler}"
    if not same:
        print(f"the table was measured with another compiler: {lines[0][2:]}")
    names = lines[1].split("\t")
    for line in lines[2:]:
        committed = dict(zip(names, line.split("\t")))
        row = rows[committed["stage"]]
        for column in COLUMNS[1:]:
            now, then = float(row[column]), float(committed[column])
            if now > then * (1.02 if same else 1.1) or (same and now < then * 0.98):
                yield f"{committed['stage']}: {column} is {now:g}, the table says {then:g}"


main()
