"""Behaviour and synchrony from inertial sensors, under the names of earlier code; all of it lives in `motif`."""
