"""An organization's hosts: its address under our suffix, its own domains, and who may have which.

``names`` says which names can be a custom domain, ``dns`` asks DNS, ``proof`` compares the answers with what we need,
``custom`` moves a domain through its states, ``address`` renames the subdomain, ``ask`` answers the front door's
question about certificates.
"""
