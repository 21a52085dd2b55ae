account_id         = "123456789012"
region             = "eu-central-1"
availability_zones = ["eu-central-1a", "eu-central-1b"]

hosts = {
  site           = "www.lms.example"
  staff          = "staff.lms.example"
  tenant_suffix  = "schools.example"
  content_suffix = "schools-content.example"
}

# By the domain each zone is for.
zones = {
  "lms.example"             = "Z00000000000000000001"
  "schools.example"         = "Z00000000000000000002"
  "schools-content.example" = "Z00000000000000000003"
}

mail_reports       = "postmaster@lms.example"
security_contact   = "mailto:security@lms.example"
alarm_addresses    = ["operations@lms.example"]
monthly_budget_usd = 0

image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/lms@sha256:0000000000000000000000000000000000000000000000000000000000000000"

# Later: docs/operations/deployment.md, steps 10 and 11.
# canary = { host = "<slug>.<tenant_suffix>", email = "<the learner's address>" }
# status = { host = "status.example.net", zone_id = "Z00000000000000000009" }
# status_region = "eu-west-1"
