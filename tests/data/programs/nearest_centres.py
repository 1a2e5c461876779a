"""Five rounds of k-means: each point goes to the nearest centre by `min` with a key, empty clusters stay where they are."""


def distance(p, q):
    return sum((a - b) ** 2 for a, b in zip(p, q))


def program(points, centres):
    for _ in range(5):
        clusters = [[] for _ in centres]
        for point in points:
            nearest = min(range(len(centres)), key=lambda i: distance(point, centres[i]))
            clusters[nearest].append(point)
        centres = [
            [sum(p[axis] for p in cluster) / len(cluster) for axis in range(2)] if cluster else centre
            for cluster, centre in zip(clusters, centres)
        ]
    return sum(min(distance(point, centre) for centre in centres) for point in points), centres


POINTS = [[0.1, 0.2], [0.3, -0.1], [2.0, 2.1], [2.2, 1.8], [-1.5, 3.0]]
CALLS = [(POINTS, [[0.0, 0.0], [1.0, 1.0]]), (POINTS, [[9.0, 9.0], [1.5, 1.5], [0.0, 0.3]])]
