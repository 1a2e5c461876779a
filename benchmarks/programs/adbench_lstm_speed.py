"""The gradient of an LSTM's loss on a text by all of its weights."""

from time import perf_counter

from adbench_data import entries, text, text_expected
from adbench_lstm import Text, mean_loss

import slopewise as sw

SIZES = (2, 1024, 14)
REPEATS = 5

main, extra_weights, state, characters = text(*SIZES)
both = sw.value_and_grad(mean_loss(Text(main, extra_weights, state.tolist(), characters.tolist())), (0, 1))
began = perf_counter()
value, gradient = both(main, extra_weights)
extra = {"first_s": perf_counter() - began}
seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    value, gradient = both(main, extra_weights)
    seconds.append(perf_counter() - began)
answers = entries(value, gradient)
expected = text_expected(SIZES)
