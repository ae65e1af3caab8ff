"""What Python offers beside the command line: the same words, and a run that shows itself."""
