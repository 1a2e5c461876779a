"""Machine code: text of LLVM's intermediate representation becomes object code, and that a callable address.

- `machine`: `compile_text`, `assembly`, `load`, `build`; the one door to llvmlite.
- `targets`: what the code is made for: processor, features, width of the vector registers.
- `availability`: whether llvmlite is here; without it, everything runs on replay.
- `disk_cache`: object code that outlives the process.

Importing this package loads nothing; llvmlite costs 50 to 100 ms and is loaded by the first compilation.
"""
