"""Slow, obvious twins that judge the fast kernels."""
