"""WHO the tenants are: organizations, their hosts, sign-up, provisioning and the versioned schema. [shared schema]"""
