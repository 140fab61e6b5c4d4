"""Training: what turns a model, a loss and an optimizer into a trained model."""

from .history import EarlyStopping, History, NotANumber
from .step import Training

__all__ = ["EarlyStopping", "History", "NotANumber", "Training"]
