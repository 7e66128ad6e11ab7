"""The door of earlier code to motif; `dj_agent.gesture_control` holds the names."""
