"""Few examples: gestures taught by one to ten samples, their database, their recognizer."""
