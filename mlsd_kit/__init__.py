"""Machine-learning system design, built from scratch and checked.

The primitives (``mlsd_kit.metrics``, ``mlsd_kit.neighbors`` ...) follow scikit-learn's
names and contract, so that swapping one import line gives the same numbers.
"""

__version__ = "0.1.0"
