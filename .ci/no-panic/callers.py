#!/usr/bin/env python3
"""Who can reach a panic: entries (`e_…`) of a linked image, and the function in which each path goes wrong.

usage: callers.py IMAGE
"""
import collections
import re
import subprocess
import sys

PANIC = re.compile(r"panic|unwrap_failed|expect_failed|slice_.*fail|slice_error_fail|len_mismatch_fail|handle_alloc_error")


def main():
    command = ["objdump", "-d", "-C", "--no-show-raw-insn", sys.argv[1]]
    callers, current = collections.defaultdict(set), None
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        if head := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            current = head[1]
        elif target := re.search(r"<(.+?)(\+0x[0-9a-f]+)?>$", line):
            if target[1] != current:
                callers[target[1]].add(current)
    # From the panics back to the entries; beside each entry stands the function that panics.
    blame, found = {}, collections.defaultdict(set)
    queue = collections.deque()
    for target in list(callers):
        if PANIC.search(target) and not target.startswith("e_"):
            queue.extend((caller, f"{caller} -> {target}") for caller in callers[target])
    while queue:
        function, reason = queue.popleft()
        if function in blame or PANIC.search(function) and not function.startswith("e_"):
            continue
        blame[function] = reason
        if function.startswith("e_"):
            found[reason].add(function)
        queue.extend((caller, reason) for caller in callers[function])
    for reason, entries in sorted(found.items()):
        print(f"{reason}\n    from {', '.join(sorted(entries)[:4])}{' …' if len(entries) > 4 else ''} ({len(entries)})")
    print(f"{sum(map(len, found.values()))} entries")


main()
