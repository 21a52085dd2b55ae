"""The delivery edge: who may open which media, as CloudFront decides it.

``policy`` holds the rules and knows neither Django nor a database: the local verifier imports it.
"""
