"""The forges' ways to speak: one small module each, and the table that finds it by its paths."""

from __future__ import annotations

from statusbot.demo.forge.dialects import azuredevops, gitea, github
from statusbot.demo.forge.dialects.base import Dialect

# The first whose paths match answers: GitHub's bare ``/repos/...`` comes last of all.
DIALECTS: tuple[Dialect, ...] = (azuredevops.AzureDevOps(), gitea.Gitea(), github.GitHub())
