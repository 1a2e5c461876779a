"""Nests made out of nests: parts of one, gradients of its form, Jacobians between two."""

from slopewise.compiler.structure import FLOAT, NUMBER, Nest, array_nest, tuple_nest

__all__ = ["as_floats", "blocks_of", "has_form_of", "jacobian_nest", "jacobian_order", "parts_of", "with_leading_axis"]


def parts_of(nest: Nest) -> list[tuple[Nest, int]]:
    """List the parts of a tuple, list or dict, each with the position of its first leaf.

    Example:
        >>> from slopewise.compiler.nests import flatten
        >>> [(part.n_leaves, start) for part, start in parts_of(flatten(({"a": 1.0, "b": 2.0}, "x", 3.0)).nest)]
        [(2, 0), (0, 2), (1, 2)]
    """
    if nest.kind == "row":
        return [(Nest("number", nest.form[1], (), 1), i) for i in range(nest.n_leaves)]
    found = []
    start = 0
    for part in nest.parts:
        found.append((part, start))
        start += part.n_leaves
    return found


def as_floats(nest: Nest) -> Nest:
    """Return the nest with a float in the place of every number: what a gradient looks like.

    Example:
        >>> from slopewise.compiler.nests import flatten
        >>> as_floats(flatten({"n": 3, "name": "a"}).nest).rebuild([1.0])
        {'n': 1.0, 'name': 'a'}
    """
    return _spread(nest, ())


def jacobian_nest(rows: Nest, columns: Nest) -> Nest:
    """Return the nest of the derivatives of one nest by another.

    Every number or array of `rows` is replaced by the whole form of `columns`, in which every number or array has the
    shape of the one replaced before its own: an array of shape (3,) by one of shape (2,) gives one of shape (3, 2), a
    list by a dict gives a list of dicts.

    Example:
        >>> from slopewise.compiler.nests import flatten
        >>> nest = jacobian_nest(flatten([1.0, 2.0]).nest, flatten({"a": 3.0, "b": 4.0}).nest)
        >>> nest.rebuild([1.0, 2.0, 3.0, 4.0])
        [{'a': 1.0, 'b': 2.0}, {'a': 3.0, 'b': 4.0}]
    """
    if rows.kind == "number":
        return as_floats(columns)
    shape = _block_shape(rows)
    if shape is not None:
        return _spread(columns, shape)
    if rows.kind == "row":
        return tuple_nest([as_floats(columns)] * rows.n_leaves, rows.form[0])
    parts = tuple(jacobian_nest(part, columns) for part in rows.parts)
    return rows._replace(parts=parts, n_leaves=sum(part.n_leaves for part in parts))


def jacobian_order(rows: Nest, columns: Nest) -> list[tuple[int, int, int, int]]:
    """List the blocks of `jacobian_nest(rows, columns)` in the order of its leaves.

    Returns:
        For each block the first leaf and the number of leaves in `rows`, then the same in `columns`; inside a block the
        leaves go row by row.
    """
    inner = blocks_of(columns)
    return [(row, height, column, width) for row, height in blocks_of(rows) for column, width in inner]


def with_leading_axis(nest: Nest, length: int) -> Nest:
    """Return the nest of that many of these, stacked: every number or array gets a leading axis.

    Example:
        >>> from slopewise.compiler.nests import flatten
        >>> with_leading_axis(flatten((1.0, [2.0])).nest, 2).rebuild([1.0, 2.0, 3.0, 4.0])
        (array([1., 2.]), [array([3., 4.])])
    """
    return _spread(nest, (length,))


def has_form_of(given: Nest, wanted: Nest) -> bool:
    """Tell whether the numbers of one nest can stand for those of another, one for one.

    Lists, tuples and arrays of the same lengths are the same here; dicts need the same keys in the same order.
    """
    if given.n_leaves != wanted.n_leaves:
        return False
    if wanted.kind == "number" or not wanted.n_leaves:
        return given.kind == "number" or _block_shape(given) == () or not wanted.n_leaves
    ours, theirs = _block_shape(given), _block_shape(wanted)
    if ours is not None and theirs is not None:
        return ours == theirs
    has_names = "dict" in (given.kind, wanted.kind) or "object" in (given.kind, wanted.kind)
    if has_names and (given.kind != wanted.kind or given.form[1] != wanted.form[1]):
        return False
    return _lengths(given) == _lengths(wanted)


def _lengths(nest: Nest) -> list[int]:
    """List how many leaves there are along the outermost axis: a form in which lists and arrays compare."""
    shape = _block_shape(nest)
    if shape:
        return [nest.n_leaves // shape[0]] * shape[0] if shape[0] else []
    return [part.n_leaves for part, _ in parts_of(nest) if part.n_leaves]


def _block_shape(nest: Nest) -> tuple[int, ...] | None:
    """Return the shape of an array of numbers, None for anything else."""
    if nest.kind == "array":
        return nest.shape
    if nest.kind == "objects" and all(part.kind == "number" for part in nest.parts):
        return nest.shape
    return None


def _spread(nest: Nest, shape: tuple[int, ...]) -> Nest:
    """Return the nest with an array of that shape in the place of each number, of longer shape for each array."""
    if nest.kind == "number":
        return array_nest(shape) if shape else NUMBER
    own = _block_shape(nest)
    if own is not None:
        return array_nest((*shape, *own))
    if nest.kind == "row":
        cls = nest.form[0]
        if not shape:
            return Nest("row", (cls, FLOAT), (), nest.n_leaves)
        return tuple_nest([array_nest(shape)] * nest.n_leaves, cls)
    parts = tuple(_spread(part, shape) for part in nest.parts)
    return nest._replace(parts=parts, n_leaves=sum(part.n_leaves for part in parts))


def blocks_of(nest: Nest) -> list[tuple[int, int]]:
    """List first leaf and number of leaves of every number and every array of numbers, in order."""
    found: list[tuple[int, int]] = []
    pending: list[tuple[Nest, int]] = [(nest, 0)]
    while pending:
        part, start = pending.pop()
        if part.kind == "number" or _block_shape(part) is not None:
            found.append((start, part.n_leaves))
        elif part.kind == "row":
            found += [(start + i, 1) for i in range(part.n_leaves)]
        else:
            pending += [(inner, start + offset) for inner, offset in reversed(parts_of(part))]
    return found
