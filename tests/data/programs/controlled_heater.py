"""A heater with a PID controller: a clamp with anti-windup, hysteresis, a delay line in a deque, an early end."""

from collections import deque


def program(gains, target):
    temperature, integral, last_error = 15.0, 0.0, None
    delay = deque([0.0] * 3, maxlen=3)
    cost, is_on = 0.0, True
    for minute in range(30):
        error = target - temperature
        slope = 0.0 if last_error is None else error - last_error
        power = gains["p"] * error + gains["i"] * integral + gains["d"] * slope
        if power > 10.0:
            power = 10.0
        elif power < 0.0:
            power = 0.0 * power
        else:
            integral = integral + error
        if is_on and error < -1.0:
            is_on = False
        elif not is_on and error > 0.5:
            is_on = True
        delay.append(power if is_on else 0.0)
        temperature = temperature + 0.3 * delay[0] - 0.1 * (temperature - 10.0)
        last_error = error
        cost = cost + error**2 + 0.01 * minute * abs(error)
        if cost > 2000.0:
            return cost, "too far"
    return cost / 30, "done"


CALLS = [
    ({"p": 1.5, "i": 0.05, "d": 0.5}, 20.0),
    ({"p": 4.0, "i": 0.3, "d": 0.1}, 21.0),
    ({"p": 0.01, "i": 0.0, "d": 0.0}, 45.0),
]
