"""The gateway: Envoy's configuration, readable in the .yaml files here, put together by `render`."""
