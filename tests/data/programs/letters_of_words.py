"""A bigram model of letters: words come in as strings, rows of logits in a dict by letter."""

import slopewise as sw


def program(logits, words, smoothing=0.0):
    loss, count = 0.0, 0
    for word in words:
        for now, after in zip("." + word, word + "."):
            row = logits[now]
            norm = sw.logsumexp(list(row.values()))
            loss = loss + norm - row[after]
            count += 1
    for row in logits.values():
        for weight in row.values():
            loss = loss + smoothing * weight**2
    return loss / count


LOGITS = {a: {b: 0.1 * i - 0.2 * j for j, b in enumerate(".abn")} for i, a in enumerate(".abn")}
CALLS = [(LOGITS, ["anna", "nab"]), (LOGITS, ["ban"], 0.01), (LOGITS, ["anna", "nab"], 0.01)]
