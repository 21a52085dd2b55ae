"""An organization's life: the states, what moves it between them, and everything that moves with it."""
