"""The services, one folder each; they share contracts/ and chassis/ and nothing else."""
