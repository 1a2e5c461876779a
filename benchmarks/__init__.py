"""What slopewise costs beside its peers, measured: `make bench`. See docs/benchmarks.md.

| file | what it does |
|---|---|
| `run.py` | the command: measures the groups, prints the table, writes `results/*.json` |
| `table.py` | writes the README's table from `results/*.json`, or checks it |
| `moons.py`, `lecture_net.py`, `chains.py`, `node_memory.py` | one group of rows each |
| `imports.py`, `explaining.py`, `tracing.py` | the same |
| `moons_step.py`, `demo_step.py`, `lecture_step.py` | compiled steps of training |
| `digits.py`, `wide_net.py`, `convolution.py`, `recurrent.py` | larger nets; `nets.py`: what these groups share |
| `microgpt.py`, `calls.py`, `adbench.py` | loss and gradient, calls, Jacobians and Hessians |
| `compiling.py`, `starting.py` | compile times; a new process |
| `beside.py` | rows beside several peers: the numbers compared, the quicker one chosen |
| `picture.py` | draws the times as bars into `docs/benchmarks.svg` |
| `rows.py` | a row, its target, and their JSON |
| `contest.py` | runs contenders in processes of their own, by turns |
| `worker.py` | such a process: one program, one core |
| `machine.py` | what it was measured on |
| `programs/` | the programs that are measured, as a user would write them |
| `profile_engine.py` | where the engine's time goes; for tuning, no peers |
"""
