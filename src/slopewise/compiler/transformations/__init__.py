"""Gradients, Jacobians, Hessians, directional derivatives: what is made of a traced function."""
