"""Search over notes: by their words and by their meaning, among the notes that filters leave."""
