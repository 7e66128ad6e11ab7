"""From recordings nobody labelled to states: what is looked at, and the model that tells them apart."""
