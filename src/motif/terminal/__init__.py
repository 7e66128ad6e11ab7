"""The training menu in a terminal: teach, practise, look at how it goes."""
