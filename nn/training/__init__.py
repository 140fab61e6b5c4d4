"""Training: what turns a model, a loss and an optimizer into a trained model."""

from .step import Training

__all__ = ["Training"]
