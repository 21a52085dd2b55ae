"""The parts of the embedded default, one module each."""
