#!/usr/bin/env python3
"""Runs a client and prints what it cost: {"seconds", "cpu", "peak_mb"}, by the kernel's account of it.

run.py COMMAND [ARGUMENT …]
"""
import json
import resource
import subprocess
import sys
import time

start = time.monotonic()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
if status != 0:
    raise SystemExit(f"run: {sys.argv[1]} ended with {status}")
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"seconds": time.monotonic() - start, "cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}))
