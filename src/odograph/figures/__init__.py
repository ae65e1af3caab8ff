"""Pictures of the measures: one file per kind of figure, one style, a card under every picture.

Every `draw_*` function takes plain arrays and small frozen values and gives a matplotlib `Figure`;
`save` writes it as SVG and PNG. matplotlib is imported when the first figure is drawn, not before.
"""

from odograph.figures.angles import Angles, Density, draw_angles
from odograph.figures.comparison import draw_model_differences
from odograph.figures.difference import Cluster, Difference, draw_difference
from odograph.figures.grid import GridEntry, draw_grid
from odograph.figures.heatmap import HeatMap, draw_heatmap
from odograph.figures.last_step import LastStep, draw_last_step
from odograph.figures.marks import Dot, Labels
from odograph.figures.profile import Band, Curve, Reference, draw_profile, relative
from odograph.figures.saving import save
from odograph.figures.scatter import Correlation, Panel, Points, draw_log_scatter, draw_scatter
from odograph.figures.scree import Scree, draw_scree
from odograph.figures.stack import draw_stack
from odograph.figures.trajectory import Path, draw_paths
from odograph.figures.triangle import Triangle, draw_triangles

__all__ = [
    "Angles",
    "Band",
    "Cluster",
    "Correlation",
    "Curve",
    "Density",
    "Difference",
    "Dot",
    "GridEntry",
    "HeatMap",
    "Labels",
    "LastStep",
    "Panel",
    "Path",
    "Points",
    "Reference",
    "Scree",
    "Triangle",
    "draw_angles",
    "draw_difference",
    "draw_grid",
    "draw_heatmap",
    "draw_last_step",
    "draw_log_scatter",
    "draw_model_differences",
    "draw_paths",
    "draw_profile",
    "draw_scatter",
    "draw_scree",
    "draw_stack",
    "draw_triangles",
    "relative",
    "save",
]
