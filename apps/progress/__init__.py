"""Progress: what an enrollment has done, as facts that only grow, and the numbers derived from them."""
