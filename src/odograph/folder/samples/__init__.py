"""What studies look at, read from the tables of a run in it and its nulls: one file a sample."""
