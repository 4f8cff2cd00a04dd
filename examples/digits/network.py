"""A small convolutional network in NumPy: forward, backward and Adam, enough to train on 8 x 8 images."""
import numpy as np

KERNEL = 3


def patches(images):
    """[N, C, H, W] -> [N, H, W, C * 9]: the 3 x 3 neighbourhood of every pixel, zeros outside."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (KERNEL, KERNEL), axis=(2, 3))
    n, c, h, w = images.shape
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n, h, w, c * KERNEL * KERNEL)


def scatter_patches(gradient, shape):
    """The transpose of patches(): sums every neighbourhood's gradient back onto its pixels."""
    n, c, h, w = shape
    padded = np.zeros((n, c, h + 2, w + 2), gradient.dtype)
    blocks = gradient.reshape(n, h, w, c, KERNEL, KERNEL)
    for i in range(KERNEL):
        for j in range(KERNEL):
            padded[:, :, i:i + h, j:j + w] += blocks[..., i, j].transpose(0, 3, 1, 2)
    return padded[:, :, 1:-1, 1:-1]


class Convolution:
    def __init__(self, random, inputs, outputs):
        fan_in = inputs * KERNEL * KERNEL
        self.values = [random.normal(0, np.sqrt(2 / fan_in), (outputs, inputs, KERNEL, KERNEL)), np.zeros(outputs)]

    def forward(self, images):
        self.shape, self.seen = images.shape, patches(images)
        weights = self.values[0].reshape(len(self.values[0]), -1)
        return (self.seen @ weights.T + self.values[1]).transpose(0, 3, 1, 2)

    def backward(self, gradient):
        weights = self.values[0].reshape(len(self.values[0]), -1)
        by_pixel = gradient.transpose(0, 2, 3, 1)
        flat = by_pixel.reshape(-1, by_pixel.shape[-1])
        self.gradients = [(flat.T @ self.seen.reshape(-1, self.seen.shape[-1])).reshape(self.values[0].shape), flat.sum(0)]
        return scatter_patches(by_pixel @ weights, self.shape)


class Rectifier:
    values, gradients = [], []

    def forward(self, x):
        self.open = x > 0
        return x * self.open

    def backward(self, gradient):
        return gradient * self.open


class MaxPool:
    """2 x 2, stride 2; ties share the gradient's full value, as rare as they are after a rectifier's positive side."""
    values, gradients = [], []

    def forward(self, x):
        n, c, h, w = x.shape
        self.blocks = x.reshape(n, c, h // 2, 2, w // 2, 2)
        self.largest = self.blocks.max(axis=(3, 5), keepdims=True)
        return self.largest.reshape(n, c, h // 2, w // 2)

    def backward(self, gradient):
        n, c, h, w = gradient.shape
        chosen = (self.blocks == self.largest) * gradient.reshape(n, c, h, 1, w, 1)
        return chosen.reshape(n, c, h * 2, w * 2)


class Dense:
    def __init__(self, random, inputs, outputs):
        self.values = [random.normal(0, np.sqrt(1 / inputs), (inputs, outputs)), np.zeros(outputs)]

    def forward(self, x):
        self.shape, self.seen = x.shape, x.reshape(len(x), -1)
        return self.seen @ self.values[0] + self.values[1]

    def backward(self, gradient):
        self.gradients = [self.seen.T @ gradient, gradient.sum(0)]
        return (gradient @ self.values[0].T).reshape(self.shape)


def train(layers, images, targets, random, epochs, batch, rate, decay):
    """Adam with decoupled weight decay and a rate that falls to zero along a half cosine; softmax cross entropy."""
    steps, total = 0, epochs * -(-len(images) // batch)
    moments = [[(np.zeros_like(v), np.zeros_like(v)) for v in layer.values] for layer in layers]
    for _ in range(epochs):
        order = random.permutation(len(images))
        for start in range(0, len(order), batch):
            rows = order[start:start + batch]
            x = images[rows]
            for layer in layers:
                x = layer.forward(x)
            gradient = np.exp(x - x.max(1, keepdims=True))
            gradient /= gradient.sum(1, keepdims=True)
            gradient[np.arange(len(rows)), targets[rows]] -= 1
            gradient /= len(rows)
            for layer in reversed(layers):
                gradient = layer.backward(gradient)
            steps += 1
            now = rate * (1 + np.cos(np.pi * steps / total)) / 2
            for layer, states in zip(layers, moments):
                for value, slope, (first, second) in zip(layer.values, layer.gradients, states):
                    first += 0.1 * (slope - first)
                    second += 0.001 * (slope * slope - second)
                    value -= now * ((first / (1 - 0.9 ** steps)) / (np.sqrt(second / (1 - 0.999 ** steps)) + 1e-8) + decay * value)
