"""Two streams that move together: how much, with which lag, who leads, and against which chance.

The function `motif.behavior.synchrony` is the way in; the folder has an underscore so that the name is the function's.
"""
