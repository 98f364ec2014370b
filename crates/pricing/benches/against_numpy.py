#!/usr/bin/env python3
"""Times this engine and numpy-financial side by side, in one run, and prints the ratios.

    python3 crates/pricing/benches/against_numpy.py

Installs numpy-financial into a virtual environment under target/ when it is not there. Both do a
loan of 360 months: its level instalment and rows, and the rate of its flows. The engine's rows are
exact to the fen and carry dates; those of numpy-financial are arrays of doubles.
"""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / "target" / "numpy-financial"

REFERENCE = """
import timeit
import numpy as np
import numpy_financial as npf

periods = np.arange(1, 361)
rate, amount = 0.049 / 12, 1_000_000.0

def rows():
    level = npf.pmt(rate, 360, amount)
    interest = npf.ipmt(rate, periods, 360, amount)
    return level, interest, level - interest, amount + np.cumsum(level - interest)

flows = np.concatenate([[-amount], np.full(360, -npf.pmt(rate, 360, amount))])

def measure(work):
    count, _ = timeit.Timer(work).autorange()
    return min(timeit.repeat(work, number=count, repeat=5)) / count * 1e6

print(measure(rows), measure(lambda: npf.irr(flows)))
"""

UNITS = {"ns": 1e-3, "µs": 1.0, "ms": 1e3, "s": 1e6}


def reference():
    """Microseconds of numpy-financial: rows, rate."""
    python = HOME / "bin" / "python"
    if not python.exists():
        venv.create(HOME, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "numpy-financial"], check=True)
    run = subprocess.run([python, "-c", REFERENCE], check=True, capture_output=True, text=True)
    return tuple(float(word) for word in run.stdout.split())


def engine():
    """Microseconds of the engine by the name of the benchmark: the fastest of a hundred samples."""
    command = ["cargo", "bench", "-p", "pricing", "--bench", "schedule"]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    line = re.compile(r"[├╰]─ (\S.*?)\s{2,}([\d.]+) (ns|µs|ms|s)\s")
    found = line.finditer(run.stdout)
    return {match[1]: float(match[2]) * UNITS[match[3]] for match in found}


def main():
    ours = engine()
    rows, rate = reference()
    pairs = [
        ("360 rows", ours["EqualInstalment Thirty360"], rows),
        ("rate of 361 flows", ours["period_rate_360"], rate),
    ]
    for name, own, other in pairs:
        print(f"{name:20} engine {own:10.1f} µs   numpy-financial {other:10.1f} µs   "
              f"ratio {other / own:8.1f}")


if __name__ == "__main__":
    os.environ.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    sys.exit(main())
