"""Kepler's equation E - e sin E = M, solved by Newton's method until the step is small, and a planet's place from it."""

import slopewise as sw


def program(mean_anomaly, eccentricity):
    anomaly = mean_anomaly + eccentricity * sw.sin(mean_anomaly)
    step = 1.0
    while abs(step) > 1e-12:
        error = anomaly - eccentricity * sw.sin(anomaly) - mean_anomaly
        step = error / (1.0 - eccentricity * sw.cos(anomaly))
        anomaly = anomaly - step
    x = sw.cos(anomaly) - eccentricity
    y = sw.sqrt(1.0 - eccentricity**2) * sw.sin(anomaly)
    return x * y, anomaly


CALLS = [(1.0, 0.1), (1.0, 0.6), (2.5, 0.3), (0.2, 0.9), (1.0, 0.1)]
