"""One HTML file from run folders: findings, cards, figures, tables; nothing is fetched to read it.

`numbers`, `pictures` and `tables` make readable what lies there, `view` puts it in order as
`values`, `write` fills the template.
"""

from odograph.report.write import with_compared, write_report

__all__ = ["with_compared", "write_report"]
