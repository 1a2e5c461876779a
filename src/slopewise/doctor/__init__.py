"""Named mistakes: a watch over training loops, and a look at single graphs, each diagnosis with its cure."""

from slopewise.doctor.catalogue import DIAGNOSES
from slopewise.doctor.diagnosis import Diagnosis
from slopewise.doctor.report import Report
from slopewise.doctor.single_graph import diagnose
from slopewise.doctor.watching import Watch, watch

__all__ = ["DIAGNOSES", "Diagnosis", "Report", "Watch", "diagnose", "watch"]
