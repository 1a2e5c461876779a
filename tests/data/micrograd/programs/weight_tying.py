import copy
import random

from micrograd.engine import Value
from micrograd.nn import MLP, Layer, Module, Neuron

random.seed(77)
shared = Value(0.5)
encoder = [shared * k for k in (1, 2, 3)]
decoder = sum(e * shared for e in encoder)
decoder.backward()
print(decoder.data, shared.grad)
n1, n2 = Neuron(2), Neuron(2, nonlin=False)
n2.w = n1.w
out = n1([1.0, 2.0]) + n2([3.0, -1.0])
out.backward()
print(out.data, [w.grad for w in n1.w], n1, n2)


class Autoencoder(Module):
    def __init__(self):
        self.encode, self.decode = Layer(3, 2), Layer(2, 3, nonlin=False)

    def __call__(self, x):
        return self.decode(self.encode(x))

    def parameters(self):
        return self.encode.parameters() + self.decode.parameters()


net = Autoencoder()
xs = [[1.0, 0.0, 0.5], [0.0, 1.0, -0.5]]
for k in range(8):
    loss = sum((o - xi) ** 2 for x in xs for o, xi in zip(net(x), x))
    net.zero_grad()
    loss.backward()
    for p in net.parameters():
        p.data -= 0.05 * p.grad
print(loss.data, len(net.parameters()), net.decode)
model = MLP(2, [3, 1])
before = [p.data for p in model.parameters()]
twin = copy.deepcopy(model)
for p in twin.parameters():
    p.data += 1.0
print(before == [p.data for p in model.parameters()], [a.data - b.data for a, b in zip(twin.parameters(), model.parameters())][:3])
snapshot = [p.data for p in model.parameters()]
for p, s in zip(twin.parameters(), snapshot):
    p.data = s
print(twin([1.0, -1.0]).data == model([1.0, -1.0]).data, MLP(1, [2, 2, 1]))
print(Layer(2, 1)([1.0, 2.0]).data, len(Layer(2, 3)([1.0, 2.0])), Module().parameters())
