"""Dijkstra's shortest path: a heap of tuples that begin with Values, a set of nodes that are done, a dict of lengths."""

import heapq
from collections import defaultdict


def program(roads, start, goal):
    ways = defaultdict(list)
    for a, b, length in roads:
        ways[a].append((b, length))
        ways[b].append((a, length))
    heap, done = [(0.0, start)], set()
    while heap:
        length, node = heapq.heappop(heap)
        if node == goal:
            return length**2
        if node in done:
            continue
        done.add(node)
        for neighbour, more in ways[node]:
            if neighbour not in done:
                heapq.heappush(heap, (length + more, neighbour))
    return None


def roads(*lengths):
    return [(a, b, length) for (a, b), length in zip(["ab", "ac", "bd", "cd", "bc", "de"], lengths)]


CALLS = [
    (roads(1.0, 2.6, 2.0, 1.25, 0.85, 1.0), "a", "e"),
    (roads(4.0, 2.6, 2.0, 1.25, 0.85, 1.0), "a", "e"),
    (roads(1.0, 2.6, 2.0, 1.25, 0.85, 1.0), "a", "d"),
]
