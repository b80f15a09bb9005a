"""From frames to figures, each against its slow twin."""
