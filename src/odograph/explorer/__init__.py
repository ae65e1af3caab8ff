"""The page live: the viewer's bundle served on this machine, over runs of any size, read-only.

`columns` reads one measure of one layer at a time, `answers` makes of them what the page asks for,
`guard` lets nobody in but the browser that was opened, `server` puts them together.
"""
