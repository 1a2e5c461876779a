"""What slopewise costs beside its peers, measured: `make bench`. See docs/benchmarks.md.

| file | what it does |
|---|---|
| `run.py` | the command: measures the groups, prints the table, writes `results/*.json` |
| `table.py` | writes the README's table from `results/*.json`, or checks it |
| `moons.py`, `lecture_net.py`, `chains.py`, `node_memory.py` | one group of rows each |
| `imports.py`, `explaining.py`, `tracing.py` | the same |
| `rows.py` | a row, its target, and their JSON |
| `contest.py` | runs contenders in processes of their own, by turns |
| `worker.py` | such a process: one program, one core |
| `machine.py` | what it was measured on |
| `programs/` | the programs that are measured, as a user would write them |
| `profile_engine.py` | where the engine's time goes; for tuning, no peers |
"""
