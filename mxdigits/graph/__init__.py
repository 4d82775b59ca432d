"""A network as a graph, and MXNet's two files of it, read and written without MXNet."""
