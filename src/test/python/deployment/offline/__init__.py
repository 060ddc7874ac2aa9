"""What the deployment's tests know of Kubernetes: rendered objects, and what must hold between them."""
