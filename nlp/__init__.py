"""From Hebrew text to labels. The only package that knows torch."""
