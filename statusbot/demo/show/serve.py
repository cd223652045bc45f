"""What can be tried by hand while both servers stay up."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from statusbot.demo.player import TOKEN
from statusbot.demo.recording import Truth
from statusbot.demo.show.stage import Stage


def to_try(stage: Stage, truths: list[Truth], statusbot: str) -> Iterator[str]:
    """The addresses, and command lines that work as they are; ``statusbot`` is how it is called."""
    forge, truth = stage.forge.url, truths[-1]
    repository = f"{forge}/{truth.repository}"
    api = f"{forge}/api/v3/repos/{truth.repository}"
    yield from (
        "Both servers stay up until Ctrl-C. Every commit has a page on the forge:",
        f"  {forge}/",
        "",
        "In another shell, as by hand (all is posted already):",
        f"  export KUBECONFIG={quote(str(stage.kubeconfig))}",
        f"  {statusbot} run --all",
        f"  {statusbot} explain {truth.namespace}/{truth.name}",
        f"  {statusbot} wait {truth.commit} \\",
        f"    --address {repository}",
        "With no Alert and no Provider, as a CI step does it:",
        f"  STATUSBOT_TOKEN={TOKEN} {statusbot} run \\",
        f"    --provider-type github --address {repository}",
        "And without statusbot:",
        "  kubectl get kustomizations --all-namespaces",
        f"  curl {api}/commits/{truth.commit}/status",
        "",
    )
