import random

from micrograd.nn import MLP

random.seed(42)
net = MLP(2, [4, 1])
print(net, len(net.parameters()))
data = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]
for epoch in range(25):
    loss = sum((net(x) - y) ** 2 for x, y in data)
    net.zero_grad()
    loss.backward()
    for p in net.parameters():
        p.data -= 0.05 * p.grad
    if epoch % 6 == 0:
        print(epoch, loss.data)
print([round(net(x).data, 10) for x, _ in data])
print([type(n.b.data).__name__ for layer in net.layers for n in layer.neurons])
layer = net.layers[0]
print(layer, layer.neurons[0], [len(n.w) for n in layer.neurons])
