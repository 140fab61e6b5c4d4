"""In CI the examples of hypothesis are the same in every run, so that a red run can be had again; elsewhere they vary."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("default", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "default")
