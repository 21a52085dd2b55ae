"""An organization's brand: one colour and one heading face in, a theme that everybody can read out."""
