"""What staff pages show: frozen data made of the store's records and the engine's results."""
