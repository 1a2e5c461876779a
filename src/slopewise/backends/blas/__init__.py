"""Products of large matrices by BLAS, the one that SciPy brings.

The environment variable `SLOPEWISE_BLAS` can be `auto` (also when unset): products that are large enough; `always`:
all products of matrices; `off`: none. docs/decisions/blas.md says which sizes, and why.
"""
