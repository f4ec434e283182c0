#!/bin/sh
# A scripted agent: what a short session of a coding agent looks like, without one.
say() { printf '%b\n' "$1"; sleep 0.1; }
say '\033[1mOpenAI Codex v0.169.0\033[0m'
say 'codex'
say "I'll run the tests first."
say "exec\n/bin/bash -lc 'pytest -q' in /home/dev/calc"
say ' exited 1 in 270ms:'
say 'FAILED test_calc.py::test_ratio - ZeroDivisionError: division by zero'
say '=== 1 failed, 4 passed in 0.12s ==='
say 'codex\nratio() divides by zero. The fix:\n'
say '```python\ndef ratio(a, b):\n    return a / b if b else 0\n```'
say "exec\n/bin/bash -lc 'pytest -q' in /home/dev/calc"
say ' succeeded in 260ms:'
say '=== 5 passed in 0.11s ==='
say '\033[33mwarning: 2 files are not committed\033[0m'
say '[main 3fa9c21] Do not divide by zero'
say ' 1 file changed, 1 insertion(+), 1 deletion(-)'
