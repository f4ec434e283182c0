"""An agent that prints without end, about 6 MB/s: numbered errors, code blocks and dull lines, on both its streams."""

import sys
import time

DULL = "".join(f"line {number} of nothing in particular\n" for number in range(40))
GROUP = 20  # errors between two pauses


def main() -> None:
    number = 0
    while True:
        number += 1
        sys.stdout.write(f"{DULL}Error: out {number}\n```python\nx = {number}\n```\n")
        if number % GROUP == 0:
            sys.stdout.flush()
            sys.stderr.write(f"Error: err {number}\n")
            sys.stderr.flush()
            time.sleep(0.005)


main()
