"""Verdicts on findings, and the null that is tested by seeds."""

BEYOND, LIKE, DESCRIBES, UNDECIDED = VERDICTS = ("beyond", "like", "describes", "undecided")

UNTRAINED = "untrained twins"
