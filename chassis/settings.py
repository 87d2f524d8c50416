"""What a process is told from outside: environment variables `BAOQIAO_…`, secrets also from files."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All settings, read once at start. Names in the environment are `BAOQIAO_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="BAOQIAO_", frozen=True)

    mongo_url: str = "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    kafka_bootstrap: str = "127.0.0.1:9092"
    namespace: str = ""
    """Prefix of database, topic and group names: lets several companies or test runs share servers."""
    keys_dir: Path = Path(".run/keys")
    jwks_url: str = "http://127.0.0.1:8080/api/identity/jwks"
    issuer: str = "baoqiao"
    audience: str = "baoqiao"
    topic_partitions: int = 12
    topic_replicas: int = 1
    fetch_wait_ms: int = 500
    """How long a consumer's question waits at an idle broker. Longer costs less; news are answered at once either way,
    but partitions that are newly assigned or resumed are asked for only after it."""
    mongo_pool: int = 100
    mongo_timeout_ms: int = 5_000
    request_seconds: float = 15.0
    max_body_bytes: int = 10 * 1024 * 1024
    span_exporter: str = ""
    """`module:Class` of an OpenTelemetry span exporter, which reads its own environment; empty: no spans."""
    log_level: str = "INFO"
