"""A base model for everybody, and one person who does everything a little differently."""

import numpy as np

from motif.learning import keras, keras_bytes

NAMES = ("swipe", "pinch", "wave", "none")
SHAPE = (6, 4)


def everybody(n=400, seed=0):
    """Windows of many people: a pattern for each class, and much noise."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % len(NAMES)
    return (patterns()[y] + 0.6 * rng.standard_normal((n, *SHAPE))).astype(np.float32), y


def somebody(n_each, seed=1, shift=1.0):
    """Windows of one person, whose patterns are turned towards those of the next class by `shift`."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(NAMES)), n_each)
    own = patterns() + 0.9 * shift * np.roll(patterns(), 1, axis=0)
    return (own[y] + 0.3 * rng.standard_normal((len(y), *SHAPE))).astype(np.float32), y


def patterns():
    return np.random.default_rng(99).standard_normal((len(NAMES), *SHAPE))


def base_model(ending="softmax"):
    """A Keras model whose last layer was solved for everybody."""
    from sklearn.linear_model import LogisticRegression

    k = keras()
    windows = k.Input(SHAPE)
    hidden = k.layers.Flatten()(windows)
    for width in (24, 20, 16):
        hidden = k.layers.Dense(width, activation="tanh", kernel_initializer=k.initializers.Orthogonal(seed=width))(
            hidden
        )
    hidden = k.layers.Dropout(0.2, seed=0)(hidden)
    below = k.Model(windows, hidden)
    X, y = everybody()
    solved = LogisticRegression(max_iter=500).fit(below.predict(X, verbose=0), y)
    dense = k.layers.Dense(len(NAMES), activation="softmax" if ending == "softmax" else None)
    output = dense(hidden)
    if ending == "activation":
        output = k.layers.Activation("softmax")(output)
    elif ending == "softmax layer":
        output = k.layers.Softmax()(output)
    elif ending == "scaled":
        output = k.layers.Softmax()(k.layers.Rescaling(1.0)(output))
    model = k.Model(windows, output)
    dense.set_weights([solved.coef_.T, solved.intercept_])
    return model


def save_base(path, **options):
    path.write_bytes(keras_bytes(base_model(**options)))
    return path
