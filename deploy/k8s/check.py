"""Render the overlays and check them against Kubernetes' schemas, without a cluster: `python -m deploy.k8s.check`.

kubectl comes with the locked packages; it renders as `kubectl kustomize` does anywhere.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

from deploy.local import services

HERE = Path(__file__).parent
OVERLAYS = ("single-node", "production")
KUBECTL = str(Path(sys.executable).parent / "kubectl")
SCHEMAS = "1.34"
"""The version of Kubernetes whose schemas are asked."""
OF_KEDA = {"scaleTargetRef", "minReplicaCount", "maxReplicaCount", "cooldownPeriod", "triggers"}
OF_KAFKA = {"bootstrapServers", "consumerGroup", "lagThreshold", "offsetResetPolicy", "sasl", "tls"}
OF_LAG_READER = {"env", "secretTargetRef"}

Manifest = dict[str, Any]


def rendered(overlay: str, kubectl: str = KUBECTL) -> list[Manifest]:
    """The documents of an overlay, ours by its name, another by its folder. Raises CalledProcessError where kustomize
    refuses it."""
    command = [kubectl, "kustomize", str(HERE / "overlays" / overlay)]
    return list(yaml.safe_load_all(subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout))


def faults(manifests: Iterable[Manifest]) -> list[str]:
    """What the schemas say against documents; unknown fields too."""
    return [
        f"{manifest['kind']} {manifest['metadata']['name']}: {why}" for manifest in manifests for why in _why(manifest)
    ]


def distinct(manifests: Iterable[Manifest]) -> list[Manifest]:
    """The documents without those that differ from another one by a service's name alone."""
    names = re.compile(rf"\b({'|'.join(services.discover())})\b")
    return list({names.sub("service", json.dumps(each)): each for each in manifests}.values())


def _why(manifest: Manifest) -> Iterable[str]:
    if manifest["kind"] == "ScaledObject":  # KEDA's; its schema lies with no package
        yield from _scaled(manifest["spec"])
        return
    if manifest["kind"] == "TriggerAuthentication":
        yield from (f"{field} is unknown, or is lacking" for field in sorted(set(manifest["spec"]) ^ OF_LAG_READER))
        return
    try:
        kubernetes_validate.validate(manifest, SCHEMAS, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{'.'.join(str(part) for part in error.path)}: {error.message}"


def _scaled(spec: Manifest) -> Iterable[str]:
    for field in sorted(set(spec) ^ OF_KEDA):
        yield f"{field} is unknown, or is lacking"
    for trigger in spec["triggers"]:
        for field in sorted(set(trigger["metadata"]) ^ OF_KAFKA):
            yield f"{field} is unknown, or is lacking"
        if not all(isinstance(value, str) for value in trigger["metadata"].values()):
            yield "a trigger's values are text"


def main() -> int:
    """Check both overlays; 1 when something is wrong."""
    overlays = {overlay: rendered(overlay) for overlay in OVERLAYS}
    for overlay, manifests in overlays.items():
        print(f"{overlay}: {len(manifests)} documents")
    wrong = faults(distinct(each for manifests in overlays.values() for each in manifests))
    print("\n".join(wrong) or f"All of them are as Kubernetes {SCHEMAS} wants them")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
