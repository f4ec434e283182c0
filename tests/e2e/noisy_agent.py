"""An agent that prints without end, about 6 MB/s: numbered errors, code blocks and dull lines, on both its streams.

From 8 MB on it is slow: where nobody comes to kill it for a while, nobody has to read gigabytes afterwards.
"""

import sys
import time

DULL = "".join(f"line {number} of nothing in particular\n" for number in range(40))
GROUP = 20  # errors between two pauses
QUICK = 5_000  # errors before it slows down


def main() -> None:
    number = 0
    while True:
        number += 1
        sys.stdout.write(f"{DULL}Error: out {number}\n```python\nx = {number}\n```\n")
        if number % GROUP == 0:
            sys.stdout.flush()
            sys.stderr.write(f"Error: err {number}\n")
            sys.stderr.flush()
            time.sleep(0.005 if number < QUICK else 0.2)


main()
