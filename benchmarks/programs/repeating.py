"""Repeats a compiled step of training: the loop of steps runs inside the kernel, where the step is one."""


def repeat(step, count, *batches):
    """Call `step(k, *batches[k])` for k = 0, 1, … and return what it returned; the batches are taken in turn."""
    rows = [list(some) for some in batches]
    columns = [[some[k % len(some)] for k in range(count)] for some in rows]
    return step.map(range(count), *columns) if hasattr(step, "map") else list(map(step, range(count), *columns))
