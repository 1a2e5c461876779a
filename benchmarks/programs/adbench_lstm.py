"""ADBench's LSTM: a net of l layers reads a text, c characters of b bits, and guesses each next one; the mean log-loss.

Every gate looks at one number: the forget and output gates at the layer's input, the other two at its hidden state.
All weights are diagonal, so that a layer has 4 b weights and 4 b biases.

Source: the objective "LSTM" of Microsoft's ADBench (https://github.com/microsoft/ADBench).
"""

from dataclasses import dataclass

import slopewise as sw


@dataclass
class Text:
    """One data file: a net, its state at the beginning, and a text."""

    main: list  # 2 l rows of 4 b: the weights of layer 0, its biases, the weights of layer 1, …
    extra: list  # 3 rows of b: weights of the input, weights of the output, biases of the output
    state: list  # 2 l rows of b: the hidden state of layer 0, its cell, the hidden state of layer 1, …
    characters: list  # c rows of b zeros and ones


def read_text(path):
    """Read a file: `l c b`, then the rows of main, extra, state and text; all separated by white space."""
    with open(path, encoding="ascii") as file:
        words = iter(file.read().split())
    l, c, b = (int(next(words)) for _ in range(3))

    def rows(count, width):
        return [[float(next(words)) for _ in range(width)] for _ in range(count)]

    return Text(rows(2 * l, 4 * b), rows(3, b), rows(2 * l, b), rows(c, b))


def mean_loss(text):
    """Return the function of (main, extra) that the benchmark differentiates."""
    characters, state = text.characters, text.state

    def objective(main, extra):
        hidden, cell = [list(row) for row in state[0::2]], [list(row) for row in state[1::2]]
        total = 0.0
        for now, after in zip(characters, characters[1:]):
            guess = predict(main, extra, hidden, cell, now)
            normaliser = sw.log(sum(sw.exp(g) for g in guess) + 2.0)
            total = total + sum(bit * (g - normaliser) for bit, g in zip(after, guess))
        return -total / ((len(characters) - 1) * len(characters[0]))

    return objective


def predict(main, extra, hidden, cell, character):
    """Read one character: change the state of every layer in place, and return a number for each bit of the next one."""
    x = [a * w for a, w in zip(character, extra[0])]
    for layer in range(len(hidden)):
        weights, biases = main[2 * layer], main[2 * layer + 1]
        hidden[layer], cell[layer] = step(weights, biases, hidden[layer], cell[layer], x)
        x = hidden[layer]
    return [a * w + c for a, w, c in zip(x, extra[1], extra[2])]


def step(weights, biases, hidden, cell, x):
    """Return a layer's next hidden state and cell."""
    b = len(hidden)
    new_hidden, new_cell = [], []
    for i in range(b):
        forget = sw.sigmoid(x[i] * weights[i] + biases[i])
        ingate = sw.sigmoid(hidden[i] * weights[b + i] + biases[b + i])
        outgate = sw.sigmoid(x[i] * weights[2 * b + i] + biases[2 * b + i])
        change = sw.tanh(hidden[i] * weights[3 * b + i] + biases[3 * b + i])
        new_cell.append(cell[i] * forget + ingate * change)
        new_hidden.append(outgate * sw.tanh(new_cell[i]))
    return new_hidden, new_cell
