"""One HTML file from run folders: findings, cards, figures, tables; nothing is fetched to read it.

`folder` reads what lies there, `numbers`, `pictures` and `tables` make it readable, `view` puts it
in order as `values`, `write` fills the template.
"""

from odograph.report.write import write_report

__all__ = ["write_report"]
