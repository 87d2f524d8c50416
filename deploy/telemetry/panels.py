"""What the dashboards show: for each panel its title, the unit in Grafana's words, and what is asked, by legend."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Panel:
    """One picture."""

    title: str
    unit: str
    asks: dict[str, str]
    kind: Literal["timeseries", "stat", "bargauge"] = "timeseries"


@dataclass(frozen=True)
class Board:
    """One dashboard; `of_one_service`: it asks which, and its panels say $service."""

    name: str
    title: str
    panels: tuple[Panel, ...]
    of_one_service: bool = False
    since: str = "now-6h"


def quantile(part: float, metric: str, by: str, where: str = "") -> str:
    """The time within which this part of the cases ended."""
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile({part}, sum by ({labels}) (rate({metric}_bucket{where}[5m])))"


def told(*facts: str) -> dict[str, str]:
    """How often these facts came about while the dashboard looks; a fact as `<service>.<aggregate>.<fact>`."""
    return {
        fact.rpartition(".")[2].replace("_", " "): (
            f'round(sum(increase(baoqiao_relayed_total{{type="baoqiao.{fact}.v1"}}[$__range])))'
        )
        for fact in facts
    }


FLEET = Board(
    "fleet",
    "the fleet",
    (
        Panel("Alerts", "short", {"{{alertname}} {{service}}": 'ALERTS{alertstate="firing"}'}),
        Panel("Processes that answer", "short", {"{{instance}}": 'up{job="baoqiao"}'}),
        Panel("Requests", "reqps", {"{{service}}": "sum by (service) (rate(baoqiao_request_seconds_count[5m]))"}),
        Panel(
            "Part of requests answered with 5xx",
            "percentunit",
            {
                "{{service}}": 'sum by (service) (rate(baoqiao_request_seconds_count{status=~"5.."}[5m]))'
                " / sum by (service) (rate(baoqiao_request_seconds_count[5m]))"
            },
        ),
        Panel(
            "99 of 100 requests end within", "s", {"{{service}}": quantile(0.99, "baoqiao_request_seconds", "service")}
        ),
        Panel("Who relays (how often that changed)", "short", {"{{service}} {{instance}}": "baoqiao_relay_epoch > 0"}),
        Panel("Oldest event that waits", "s", {"{{service}}": "max by (service) (baoqiao_outbox_oldest_seconds)"}),
        Panel("Messages not handled yet", "short", {"{{service}}": "sum by (service) (baoqiao_consumer_lag)"}),
        Panel("Parked messages", "short", {"{{service}}": "max by (service) (baoqiao_parked)"}),
        Panel(
            "Event loop, 99 of 100 looks", "s", {"{{instance}}": quantile(0.99, "baoqiao_loop_lag_seconds", "instance")}
        ),
        Panel("CPU", "percentunit", {"{{instance}}": 'rate(process_cpu_seconds_total{job="baoqiao"}[5m])'}),
        Panel("Memory", "bytes", {"{{instance}}": 'process_resident_memory_bytes{job="baoqiao"}'}),
    ),
)
ONE = '{service="$service"}'
SERVICE = Board(
    "service",
    "one service",
    (
        Panel(
            "Requests by route",
            "reqps",
            {"{{method}} {{route}}": f"sum by (method, route) (rate(baoqiao_request_seconds_count{ONE}[5m]))"},
        ),
        Panel(
            "Answers by status",
            "reqps",
            {"{{status}}": f"sum by (status) (rate(baoqiao_request_seconds_count{ONE}[5m]))"},
        ),
        Panel(
            "Requests end within",
            "s",
            {f"{part} of 100": quantile(part / 100, "baoqiao_request_seconds", "", ONE) for part in (50, 90, 99)},
        ),
        Panel(
            "Slowest routes, 99 of 100 within",
            "s",
            {"{{route}}": f"topk(5, {quantile(0.99, 'baoqiao_request_seconds', 'route', ONE)})"},
        ),
        Panel(
            "Commands",
            "ops",
            {"{{command}} {{outcome}}": f"sum by (command, outcome) (rate(baoqiao_commands_total{ONE}[5m]))"},
        ),
        Panel(
            "Refusals by rule",
            "ops",
            {"{{rule}} ({{door}})": f"sum by (rule, door) (rate(baoqiao_refusals_total{ONE}[5m]))"},
        ),
        Panel(
            "Jobs: time of a run",
            "s",
            {
                "{{job_name}}": f"sum by (job_name) (rate(baoqiao_job_seconds_sum{ONE}[30m]))"
                f" / sum by (job_name) (rate(baoqiao_job_seconds_count{ONE}[30m]))"
            },
        ),
        Panel(
            "Jobs: since they were last done",
            "s",
            {"{{job_name}}": f"time() - max by (job_name) (baoqiao_job_done_timestamp_seconds{ONE})"},
        ),
        Panel(
            "Jobs that failed",
            "short",
            {
                "{{job_name}}": "sum by (job_name) (increase("
                'baoqiao_job_seconds_count{service="$service", outcome="failed"}[30m]))'
            },
        ),
        Panel(
            "Event loop, 99 of 100 looks",
            "s",
            {"{{instance}}": quantile(0.99, "baoqiao_loop_lag_seconds", "instance", ONE)},
        ),
        Panel(
            "Operations that wait for a connection",
            "short",
            {"{{instance}}": f"sum by (instance) (rate(baoqiao_pool_wait_seconds_sum{ONE}[5m]))"},
        ),
        Panel(
            "Documents with events that wait",
            "short",
            {"{{service}}": f"max by (service) (baoqiao_outbox_pending{ONE})"},
        ),
    ),
    of_one_service=True,
)
BUS = Board(
    "bus",
    "the bus",
    (
        Panel("Events published", "ops", {"{{service}}": "sum by (service) (rate(baoqiao_relayed_total[5m]))"}),
        Panel("Documents with events that wait", "short", {"{{service}}": "max by (service) (baoqiao_outbox_pending)"}),
        Panel("Oldest event that waits", "s", {"{{service}}": "max by (service) (baoqiao_outbox_oldest_seconds)"}),
        Panel(
            "Messages handled",
            "ops",
            {"{{service}}": 'sum by (service) (rate(baoqiao_consumed_total{outcome="handled"}[5m]))'},
        ),
        Panel(
            "Messages not handled yet",
            "short",
            {"{{service}} {{topic}}": "sum by (service, topic) (baoqiao_consumer_lag) > 0"},
        ),
        Panel(
            "From Kafka to a durable effect, 99 of 100 within",
            "s",
            {"{{service}} {{topic}}": quantile(0.99, "baoqiao_handled_seconds", "service, topic")},
        ),
        Panel(
            "Tries again",
            "ops",
            {"{{service}}": 'sum by (service) (rate(baoqiao_consumed_total{outcome="retried"}[5m]))'},
        ),
        Panel("Parked messages", "short", {"{{service}}": "max by (service) (baoqiao_parked)"}),
        Panel("Webhooks", "ops", {"{{outcome}}": "sum by (outcome) (rate(baoqiao_webhooks_total[5m]))"}),
        Panel(
            "Lost by Kafka: gone before they were read, partitions cut",
            "short",
            {
                "gone {{service}} {{topic}}": "sum by (service, topic) (baoqiao_gone_total)",
                "cut {{service}} {{topic}}": "sum by (service, topic) (baoqiao_cut_total)",
            },
        ),
        Panel(
            "Who relays (how often that changed)", "short", {"{{service}}": "max by (service) (baoqiao_relay_epoch)"}
        ),
    ),
)
BUSINESS = Board(
    "business",
    "the business",
    (
        Panel(
            "Clients and mandates",
            "short",
            told(
                "clients.clients.client_added",
                "clients.mandates.mandate_signed",
                "clients.mandates.mandate_ended",
                "clients.projects.project_registered",
            ),
            kind="stat",
        ),
        Panel(
            "Market",
            "short",
            told(
                "placement.enquiries.slip_issued",
                "placement.quotes.enquiry_sent",
                "placement.quotes.quote_received",
                "placement.quotes.quote_declined",
                "placement.quotes.quote_not_received",
            ),
            kind="stat",
        ),
        Panel(
            "Proposals",
            "short",
            told(
                "placement.proposals.proposal_sent",
                "placement.proposals.proposal_accepted",
                "placement.proposals.proposal_declined",
                "placement.proposals.proposal_expired",
            ),
            kind="stat",
        ),
        Panel(
            "Placing and policies",
            "short",
            told(
                "placement.placings.placement_bound",
                "placement.policies.policy_bound",
                "placement.policies.policy_discrepancy_found",
                "placement.policies.policy_delivered",
                "placement.policies.policy_expired",
            ),
            kind="stat",
        ),
        Panel(
            "Client money",
            "short",
            told(
                "finance.debit_notes.debit_note_drafted",
                "finance.debit_notes.debit_note_issued",
                "finance.debit_notes.debit_note_cancelled",
            ),
            kind="stat",
        ),
        Panel(
            "The diary",
            "short",
            told(
                "notifications.obligations.obligation_triggered",
                "notifications.obligations.obligation_met",
                "notifications.obligations.obligation_reminded",
                "notifications.obligations.obligation_escalated",
            ),
            kind="stat",
        ),
        Panel(
            "Rules that say no most often",
            "short",
            {"{{rule}}": 'topk(15, round(sum by (rule) (increase(baoqiao_refusals_total{door="http"}[$__range]))))'},
            kind="bargauge",
        ),
        Panel(
            "What is done most often",
            "short",
            {
                "{{command}}": "topk(15, round(sum by (command)"
                ' (increase(baoqiao_commands_total{outcome="done"}[$__range]))))'
            },
            kind="bargauge",
        ),
        Panel(
            "E-mails",
            "short",
            {"{{outcome}}": "round(sum by (outcome) (increase(baoqiao_mails_total[$__range])))"},
            kind="stat",
        ),
        Panel(
            "Sign-ins refused",
            "ops",
            {"wrong login or password": 'sum(rate(baoqiao_refusals_total{service="identity", rule="IDN-019"}[5m]))'},
        ),
        Panel(
            "Policies bound by the hour",
            "short",
            {"policies": 'sum(increase(baoqiao_relayed_total{type="baoqiao.placement.policies.policy_bound.v1"}[1h]))'},
        ),
        Panel(
            "Practitioners registered, suspended, cancelled",
            "short",
            told(
                "hr.registrations.practitioner_registered",
                "hr.registrations.practitioner_suspended",
                "hr.registrations.practitioner_cancelled",
            ),
            kind="stat",
        ),
    ),
    since="now-7d",
)
DASHBOARDS = (FLEET, SERVICE, BUS, BUSINESS)
