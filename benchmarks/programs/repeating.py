"""Repeats a compiled step of training: the one place that changes when a loop of steps can run inside a kernel."""


def repeat(step, count, *batches):
    """Call `step(k, *batches[k])` for k = 0, 1, … and return what it returned; the batches are taken in turn."""
    if not batches:
        return [step(k) for k in range(count)]
    turns = len(batches[0])
    return [step(k, *(some[k % turns] for some in batches)) for k in range(count)]
