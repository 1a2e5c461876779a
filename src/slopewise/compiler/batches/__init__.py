"""`batched`: the rows of a batch, side by side in the lanes of replay or as an axis of loops."""
