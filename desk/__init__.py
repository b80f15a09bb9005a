"""What people look at, right to left."""
