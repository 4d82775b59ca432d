"""Apache MXNet as a backend: the graphs it runs, rewritten for its devices."""
