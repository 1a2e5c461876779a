"""A class of matrices with `@`, indexing, iteration, length, comparison by content; inverse by Newton and Schulz."""


class Matrix:
    def __init__(self, rows):
        self.rows = [list(row) for row in rows]

    def __matmul__(self, other):
        columns = list(zip(*other.rows))
        return Matrix([[sum(a * b for a, b in zip(row, column)) for column in columns] for row in self])

    def __rsub__(self, number):
        return Matrix([[(number if i == j else 0.0) - x for j, x in enumerate(row)] for i, row in enumerate(self)])

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, place):
        i, j = place
        return self.rows[i][j]

    @property
    def size(self):
        return max(sum(abs(x) for x in row) for row in self)


def program(rows):
    a = Matrix(rows)
    scale = a.size * Matrix(zip(*rows)).size
    guess = Matrix([[x / scale for x in column] for column in zip(*rows)])
    for _ in range(30):
        rest = 1.0 - (a @ guess)
        if rest.size < 1e-13:
            break
        guess = guess @ (2.0 - (a @ guess))
    return guess[0, 1] * 10 + guess[1, 1], list(guess)


CALLS = [([[2.0, 0.5], [0.3, 1.5]],), ([[1.0, 0.5, 0.1], [0.3, -1.5, 0.2], [0.0, 0.4, 2.0]],)]
