"""The whole job on one machine: an embedded Kubernetes API, an embedded forge, recordings of Flux."""
