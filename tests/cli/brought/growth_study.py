"""How much longer each block makes a state: a study of another package, in 20 lines."""

from odograph.studies.demo import ONE_WORD
from odograph.studies.questions.difference import difference
from odograph.studies.questions.layers import layers
from odograph.studies.questions.level import level
from odograph.studies.questions.twins import beyond_twins
from odograph.studies.sample import Quantity
from odograph.studies.study import Study

GROWTH = Quantity("growth", "growth")

STUDY = Study(
    name="growth",
    question="How much longer does each block make a state?",
    sections=(level(GROWTH), difference(GROWTH), layers(GROWTH), beyond_twins(GROWTH)),
    needs={"untrained": 2},
    demo=ONE_WORD,
)
