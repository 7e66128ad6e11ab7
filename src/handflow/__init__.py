"""Sequence models on hand landmarks, under the names of earlier code; all of it lives in `motif`.

`handflow.models` builds, trains and personalizes; `handflow.utils` keeps track of runs.
"""
