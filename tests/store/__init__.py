"""What reads and writes outside memory."""
