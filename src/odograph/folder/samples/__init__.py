"""What studies look at, read from the tables of a run into arrays: one file a kind of sample."""
