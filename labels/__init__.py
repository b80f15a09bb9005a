"""The codebook as code: the words that everybody here speaks."""
