"""The delivery edge: who may open which media, as CloudFront decides it. No Django here: the verifier imports it."""
