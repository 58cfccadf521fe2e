"""Whether the formulas say of random answers what the evaluation says."""

from collections.abc import Callable, Iterator, Sequence
from itertools import batched

from app.domain.condition import Answers, Pack
from app.domain.triage import assess, assess_so_far
from tests.domain.random_answers import RandomAnswers, first_watchword
from tests.proofs.bits import Crowd
from tests.proofs.formulas import STORY, World
