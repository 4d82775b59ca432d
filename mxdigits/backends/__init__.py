"""Who executes a network's graph, one package each."""
