"""Baoqiao on Kubernetes: a kustomize base, two overlays, and what renders, checks and tries them."""
