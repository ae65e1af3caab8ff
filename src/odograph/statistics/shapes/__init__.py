"""The shape of a distribution: densities, humps and the valleys between them."""
