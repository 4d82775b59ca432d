"""Plugins that break the contract, each in the way that its file's name says the kit looks for."""
