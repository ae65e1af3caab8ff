"""`odograph.measure`: from texts and a model to a run."""

from odograph.api.run import shown_as_run
from odograph.run import measure as measuring

measure = shown_as_run(measuring.measure)
