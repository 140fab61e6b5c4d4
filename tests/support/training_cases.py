"""What is asked of PyTorch and of us: optimizers with options, schedules, and losses with predictions and targets."""

STEPS = 10
START = (-1.0, 0.5)
OPTIMIZERS = {
    "SGD plain": ("SGD", {"lr": 0.01}),
    "SGD momentum": ("SGD", {"lr": 0.01, "momentum": 0.9}),
    "SGD nesterov": ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    "SGD dampening, weight decay": ("SGD", {"lr": 0.01, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.1}),
    "SGD nesterov, weight decay": ("SGD", {"lr": 0.01, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    "RMSprop": ("RMSprop", {"lr": 0.01}),
    "RMSprop centred": ("RMSprop", {"lr": 0.01, "alpha": 0.9, "centered": True, "eps": 1e-4}),
    "RMSprop momentum, weight decay": ("RMSprop", {"lr": 0.01, "momentum": 0.5, "weight_decay": 0.1}),
    "RMSprop all": ("RMSprop", {"lr": 0.02, "alpha": 0.8, "momentum": 0.5, "centered": True, "weight_decay": 0.05}),
    "Adagrad": ("Adagrad", {"lr": 0.1}),
    "Adagrad decay": ("Adagrad", {"lr": 0.1, "lr_decay": 0.2, "weight_decay": 0.1, "initial_accumulator_value": 0.5}),
    "Adam": ("Adam", {"lr": 0.1}),
    "Adam betas, weight decay": ("Adam", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}),
    "Adam amsgrad": ("Adam", {"lr": 0.3, "amsgrad": True, "betas": (0.5, 0.6)}),
    "AdamW": ("AdamW", {"lr": 0.1}),
    "AdamW amsgrad": ("AdamW", {"lr": 0.3, "weight_decay": 0.2, "amsgrad": True, "betas": (0.5, 0.6)}),
}
CLIPPED = {"norm": 2.0, "value": 1.5}  # the limits, with plain SGD
LOSSES_OF_PLATEAU = [1.0, 0.9, 0.9, 0.9, 0.9, 0.85, 0.85, 0.9, 0.9, 0.9, 0.8999, 0.85, 0.85, 0.85]
FAR = [0.0, 1e-9, -0.3, 1.5, -8.0, 20.0, -37.0, 40.0, -100.0, 300.0, -745.0, 800.0, -800.0]
# A loss of ours, predictions, target, keywords.
LOSSES = {
    "absolute_error": [([0.5, -1.5, 2.0], 0.25, {})],
    "squared_error": [([0.5, -1.5, 2.0], 0.25, {})],
    "huber": [([0.5, -1.5, 2.0], 0.25, {}), ([0.5, -1.5, 2.0], 0.25, {"delta": 0.4})],
    "binary_cross_entropy": [([0.1, 0.5, 0.999, 1e-12], target, {}) for target in (0.0, 1.0, 0.25)],
    "binary_cross_entropy_with_logits": [(FAR, target, {}) for target in (0.0, 1.0, 0.25)]
    + [([0.5, -2.0], 1.0, {"class_weight": (1.0, 3.0)}), ([0.5, -2.0], 0.0, {"class_weight": (1.0, 3.0)})],
    "gaussian_nll": [([0.5, -1.5, 2.0], 0.25, {"variance": v}) for v in (1.0, 0.3)],
}
CLASSES = [
    ([0.5, -1.25, 2.0], 1, {}),
    ([0.5, -1.25, 2.0], 2, {"smoothing": 0.1}),
    ([0.5, -1.25, 2.0], 0, {"class_weight": (1.0, 2.0, 0.5)}),
    ([0.5, -1.25, 2.0], 0, {"class_weight": (1.0, 2.0, 0.5), "smoothing": 0.2}),
    ([0.5, -1.25, 2.0], [0.2, 0.3, 0.5], {}),
    ([800.0, 0.0, -800.0], 2, {}),
    ([800.0, 0.0, -800.0], 0, {}),
    ([-40.0, 30.0, 2.0], 1, {}),
]
DIVERGENCES = [([0.2, 0.3, 0.5], [0.5, 0.25, 0.25]), ([0.2, 0.3, 0.5], [0.0, 0.25, 0.75]), ([0.5, 0.5], [0.5, 0.5])]
