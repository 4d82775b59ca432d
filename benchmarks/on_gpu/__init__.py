"""Who trains on the GPU in ``python -m benchmarks.gpu``; each is a process of its own."""
