"""All of Baoqiao as processes on one machine: real MongoDB, Kafka and Envoy from packages, without root or Docker.

`python -m deploy.local run` starts everything and stays in the foreground. All of it listens on loopback only, and its
data is in `.run/`.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
