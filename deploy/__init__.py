"""How Baoqiao is put to work: on one machine as plain processes (`deploy.local`), and the gateway's configuration."""
