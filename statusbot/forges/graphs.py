"""The graphs of all forges, by the Provider's type."""

from __future__ import annotations

from statusbot.forges.azure_graph import AzureGraph
from statusbot.forges.bitbucket_graph import BitbucketGraph
from statusbot.forges.bitbucketserver_graph import BitbucketServerGraph
from statusbot.forges.gitea_graph import GiteaGraph
from statusbot.forges.github_graph import GitHubGraph
from statusbot.forges.gitlab_graph import GitLabGraph
from statusbot.forges.graph import Graph

_GRAPHS: dict[str, Graph] = {
    "github": GitHubGraph(),
    "gitlab": GitLabGraph(),
    "gitea": GiteaGraph(),
    "azuredevops": AzureGraph(),
    "bitbucketserver": BitbucketServerGraph(),
    "bitbucket": BitbucketGraph(),
}


def graph_of(forge_type: str) -> Graph:
    """The graph of an adapter's ``type``."""
    return _GRAPHS[forge_type]
