"""The manifests: valid, whole for every service, confined, and in step with the code that they run."""

import os
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from chassis.serve import service_named
from chassis.settings import Settings
from deploy import images
from deploy.k8s.check import HERE, OVERLAYS, Manifest, distinct, faults, rendered
from deploy.local import services
from docs.configuration import CLASSES

NAMES = services.discover()
DRAIN_SECONDS = {"api": 20, "worker": 25}
"""What a process may need after SIGTERM: chassis/serve.py, chassis/worker.py."""
PRODUCTION = HERE / "overlays/production"
REGISTRY = {"single-node": "", "production": "registry.example/"}
EXAMPLE = re.compile(r"\.example\b|\bexample\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.")


@cache
def manifests(overlay: str) -> list[Manifest]:
    return rendered(overlay)


def of_kind(overlay: str, *kinds: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in manifests(overlay) if each["kind"] in kinds}


def pods(overlay: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every pod that is run, with its name."""
    for name, each in of_kind(overlay, "Deployment", "StatefulSet", "Job").items():
        yield name, each["spec"]["template"]["spec"]


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod["containers"], *pod.get("initContainers", [])]


def test_both_overlays_are_as_kubernetes_wants_them():
    assert faults(distinct(each for overlay in OVERLAYS for each in manifests(overlay))) == []


def test_a_wrong_manifest_is_told():
    wrong = of_kind("production", "Deployment")["hr-api"]
    spec = {**wrong["spec"], "replicas": "two", "sidecars": []}
    [first] = faults([{**wrong, "spec": spec}])
    assert first.startswith("Deployment hr-api: ")
    scaled = of_kind("production", "ScaledObject")["hr-worker"]
    assert faults([{**scaled, "spec": {**scaled["spec"], "maxReplicas": 3}}]) == [
        "ScaledObject hr-worker: maxReplicas is unknown, or is lacking"
    ]


@pytest.mark.skipif(not shutil.which("kubectl"), reason="no other kubectl here")
def test_another_kubectl_renders_the_same():
    other = shutil.which("kubectl")
    assert other is not None
    assert rendered("single-node", other) == manifests("single-node")


@pytest.mark.parametrize("name", NAMES)
def test_every_service_has_all_its_parts(name: str):
    def has(kind: str, *parts: str) -> bool:
        return {f"{name}-{part}" for part in parts} <= set(of_kind("production", kind))

    assert has("Deployment", "api", "worker")
    assert has("Service", "api", "worker")
    assert has("PodDisruptionBudget", "api", "worker")
    assert has("ServiceAccount", "service")
    assert has("HorizontalPodAutoscaler", "api")
    assert has("NetworkPolicy", "api")
    assert has("Job", "prepare")


@pytest.mark.parametrize("name", NAMES)
def test_a_worker_is_scaled_by_what_waits_for_it_on_kafka(name: str):
    by_lag = of_kind("production", "ScaledObject")
    if not service_named(name).topics_heard:
        assert f"{name}-worker" not in by_lag, "KEDA would count every message that its user may see"
        assert of_kind("production", "Deployment")[f"{name}-worker"]["spec"]["replicas"] == 2
        return
    scaled = by_lag[f"{name}-worker"]["spec"]
    assert scaled["minReplicaCount"] == 2
    assert scaled["scaleTargetRef"]["name"] == f"{name}-worker"
    assert scaled["triggers"][0]["metadata"]["consumerGroup"] == name
    assert scaled["maxReplicaCount"] == Settings.model_fields["topic_partitions"].default


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_that_do_not_work_hold_up_no_drained_node(overlay: str):
    budgets = of_kind(overlay, "PodDisruptionBudget")
    assert len(budgets) == 1 + 2 * len(NAMES)
    assert {each["spec"]["unhealthyPodEvictionPolicy"] for each in budgets.values()} == {"AlwaysAllow"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_pod_may_do_more_than_it_must(overlay: str):
    for name, pod in pods(overlay):
        context = pod["securityContext"]
        assert context["runAsNonRoot"] and context["runAsUser"] > 0, name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        for container in containers(pod):
            confined = container["securityContext"]
            assert confined["allowPrivilegeEscalation"] is False, name
            assert confined["capabilities"] == {"drop": ["ALL"]}, name
            assert confined.get("readOnlyRootFilesystem") or name == "kafka", name
            assert set(container["resources"]["limits"]) == {"cpu", "memory"} == set(container["resources"]["requests"])
    assert of_kind(overlay, "NetworkPolicy")["nothing-else"]["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }
    assert of_kind(overlay, "Namespace")["baoqiao"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == (
        "restricted"
    )


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_pod_has_the_passwords_of_its_own_service_alone(overlay: str):
    deployments = {f"{name}-{role}": name for name in NAMES for role in services.ROLES}
    for pod_name, pod in pods(overlay):
        mounted = {volume["secret"]["secretName"] for volume in pod.get("volumes", []) if "secret" in volume}
        if name := deployments.get(pod_name):
            assert mounted == {name, "field-keys"}
        for container in containers(pod):
            held = {mount["name"] for mount in container.get("volumeMounts", [])}
            assert "admin" not in held or container["name"] == "secure"
            assert "envFrom" not in container or all("secretRef" not in each for each in container["envFrom"])


def test_the_gateway_believes_the_ingress_controller_who_called_and_nobody_else_reaches_it():
    gateway = of_kind("production", "Deployment")["gateway"]["spec"]["template"]["spec"]
    [mounted] = [volume["configMap"]["name"] for volume in gateway["volumes"]]
    assert '"xff_num_trusted_hops": 1' in of_kind("production", "ConfigMap")[mounted]["data"]["envoy.yaml"]
    [door] = of_kind("production", "NetworkPolicy")["gateway"]["spec"]["ingress"]
    assert door["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}]
    assert door["ports"] == [{"port": 8080}]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_worker_reaches_what_doctor_looks_at(overlay: str):
    policies = [each["spec"] for each in of_kind(overlay, "NetworkPolicy").values()]
    worker, keys = labels("hr", "worker"), labels("identity", "api")
    out = [rule for each in policies if chosen(each["podSelector"], worker) for rule in each.get("egress", [])]
    into = [rule for each in policies if chosen(each["podSelector"], keys) for rule in each.get("ingress", [])]
    assert {port["port"] for rule in out for port in rule["ports"]} == {53, 27017, 9092, 8000}
    assert any(chosen(peer.get("podSelector"), keys) for rule in out for peer in rule["to"])
    assert any(chosen(peer.get("podSelector"), worker) for rule in into for peer in rule["from"])


def labels(name: str, role: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/component": role}


def chosen(selector: Manifest | None, told: dict[str, str]) -> bool:
    """Whether a selector of a policy means pods with these labels."""
    if selector is None:
        return False
    wanted = [(each["key"], each["values"]) for each in selector.get("matchExpressions", [])]
    wanted += [(key, [value]) for key, value in selector.get("matchLabels", {}).items()]
    return all(told.get(key) in values for key, values in wanted)


@pytest.mark.parametrize("role", services.ROLES)
@pytest.mark.parametrize("name", NAMES)
def test_a_pod_has_the_time_to_finish_what_it_has_in_hand(name: str, role: str):
    pod = of_kind("production", "Deployment")[f"{name}-{role}"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    before = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    assert pod["terminationGracePeriodSeconds"] > before + DRAIN_SECONDS[role]
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["args"][:2] == ["--role", role]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_images_are_those_that_are_named_and_built(overlay: str):
    used = {container["image"] for _, pod in pods(overlay) for container in containers(pod)}
    lines = (images.ROOT / "deploy/images.env").read_text().splitlines()
    public = {line.partition("=")[2] for line in lines if "=" in line and not line.startswith("#")}
    services = {f"{REGISTRY[overlay]}baoqiao/{name}:{images.version()}" for name in NAMES}
    assert services <= used <= public | services | {f"baoqiao/{images.DEMONSTRATION}:{images.version()}"}


def test_what_an_operator_must_change_is_marked():
    files = [file for file in PRODUCTION.glob("*.yaml") if file.name != "envoy.yaml"]
    lines = [line for file in files for line in file.read_text().splitlines() if EXAMPLE.search(line)]
    assert len(lines) > 10
    assert [line for line in lines if not re.search(r"#.*\byours\b", line)] == []
    [settings] = [each["data"] for name, each in of_kind("production", "ConfigMap").items() if "settings" in name]
    for scaled in of_kind("production", "ScaledObject").values():
        asked = scaled["spec"]["triggers"][0]["metadata"]["bootstrapServers"]
        assert asked == settings["BAOQIAO_KAFKA_BOOTSTRAP"]


def test_the_patches_for_a_ca_of_ones_own_bring_it_to_all_who_speak_to_the_servers(tmp_path: Path):
    told = (PRODUCTION / "kustomization.yaml").read_text().splitlines()
    patches = [line.removeprefix("#") for line in told if line.startswith("#  ")]
    overlay = [f"resources: [{os.path.relpath(PRODUCTION, tmp_path)}]", "patches:", *patches]
    (tmp_path / "kustomization.yaml").write_text("\n".join(overlay))
    own = rendered(str(tmp_path))
    assert faults(distinct(own)) == []
    ours = [each for each in own if each["kind"] in ("Deployment", "Job") and each["metadata"]["name"] != "gateway"]
    assert len(ours) == 3 * len(NAMES)
    for container in (each for one in ours for each in containers(one["spec"]["template"]["spec"])):
        assert {"name": "ca", "mountPath": "/ca", "readOnly": True} in container["volumeMounts"]
    readers = [each["spec"]["secretTargetRef"] for each in own if each["kind"] == "TriggerAuthentication"]
    assert all({"parameter": "ca", "name": "servers-ca", "key": "ca.crt"} in each for each in readers)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_settings_are_settings(overlay: str):
    known = {
        f"{kind.model_config.get('env_prefix')}{field}".upper()
        for kind in CLASSES.values()
        for field in kind.model_fields
    }
    [told] = [each["data"] for name, each in of_kind(overlay, "ConfigMap").items() if name.startswith("settings-")]
    assert set(told) <= known
    Settings.model_validate(
        {
            name.removeprefix("BAOQIAO_").lower(): __file__ if name.endswith("_FILE") else value
            for name, value in told.items()
            if "SMTP" not in name and "MAIL" not in name
        }
    )
