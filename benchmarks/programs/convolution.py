"""A small convolution net: filters of 3 × 3 over 8 × 8 pixels, relu, the largest of each 2 × 2, ten classes."""

import slopewise as sw
from subjects import convolution
from training import train

SUBJECT = convolution(8, 32)
FORM = "ROWS"
STEPS = 56
REPEATS = 3


def filtered(image, kernel, bias):
    return [
        [
            sw.relu(sum((kernel[a][b] * image[i + a][j + b] for a in range(3) for b in range(3)), bias))
            for j in range(6)
        ]
        for i in range(6)
    ]


def pooled(image):
    return [
        max(image[i][j], image[i][j + 1], image[i + 1][j], image[i + 1][j + 1])
        for i in range(0, 6, 2)
        for j in range(0, 6, 2)
    ]


def loss(parameters, image, y):
    kernels, biases, weights, last = parameters
    xs = [x for kernel, bias in zip(kernels, biases) for x in pooled(filtered(image, kernel, bias))]
    logits = [sum((w * x for w, x in zip(row, xs)), b) for row, b in zip(weights, last)]
    return sw.logsumexp(logits) - sum(t * z for t, z in zip(y, logits))


seconds, answers, expected, extra = train(SUBJECT, loss, FORM, STEPS, REPEATS)
