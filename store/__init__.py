"""Everything that reads or writes outside memory."""
