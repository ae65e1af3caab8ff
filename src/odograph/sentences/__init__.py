"""English: numbers, plurals and lists, and the sentences of findings. Knows no run and no study."""
