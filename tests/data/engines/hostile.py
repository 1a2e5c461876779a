"""Classes that hang, shout, end the program, or lie."""
import sys
import time


class Base:
    def __init__(self, data, operands=()):
        self.data = data
        self.grad = 0.0
        self.operands = operands


class LoopsForEver(Base):
    def __add__(self, other):
        while True:
            pass


class CatchesEverything(Base):
    def __add__(self, other):
        while True:
            try:
                while True:
                    pass
            except:
                pass


class SleepsLong(Base):
    def __add__(self, other):
        time.sleep(4)


class FillsMemory(Base):
    def __add__(self, other):
        return FillsMemory(self.data + other.data)

    def backward(self):
        kept = []
        while True:
            kept.append([0] * 1000)


class EndsTheProgram(Base):
    def __add__(self, other):
        sys.exit(3)

    def __mul__(self, other):
        return EndsTheProgram(float(input("number? ")))


class Shouts(Base):
    def __add__(self, other):
        print("adding", file=sys.stderr)
        print("adding")
        return Shouts(self.data + other.data)


class Controls:
    def __init__(self, data):
        raise ValueError("red \x1b[31m text")


class NoNumbers(Base):
    def __init__(self, data):
        self.data = str(data)


class GradIsMethod:
    def __init__(self, data):
        self.data = data

    def __add__(self, other):
        return GradIsMethod(self.data + other.data)

    def grad(self):
        return 0

    def backward(self):
        self.done = True


class HasEverything:
    def __init__(self, data):
        self.data = data

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return HasEverything(1.0)

    def __bool__(self):
        raise RuntimeError("no truth")

    def __eq__(self, other):
        raise RuntimeError("no ==")

    def __hash__(self):
        raise RuntimeError("no hash")
