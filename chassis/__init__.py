"""How a service runs: HTTP door, event door, store, relay, jobs. Knows no business."""
