"""What watches Baoqiao: alert rules with their tests, dashboards, how Prometheus finds the pods."""
