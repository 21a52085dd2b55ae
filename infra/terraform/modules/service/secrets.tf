# Secrets have names here and values elsewhere: infra/terraform/bootstrap/secrets.py makes those that can be made and
# says which a person has to bring. No value ever stands in Terraform's state.

locals {
  secrets = {
    LMS_SECRET_KEY            = "Signs sessions and tokens."
    LMS_KEK                   = "Seals signing keys at rest. Lost with it: every signing key."
    LMS_DATABASE_URL          = "The application's login, which owns nothing."
    LMS_OWNER_DATABASE_URL    = "The login that owns the schemas."
    LMS_HEALTH_TOKEN          = "Opens the deep look at the service's health."
    LMS_REDIS_URL             = "Valkey's address and password."
    LMS_SMTP_URL              = "Where mail is handed in."
    LMS_STRIPE_SECRET_KEY     = "A restricted key of the Stripe account, brought by a person."
    LMS_STRIPE_WEBHOOK_SECRET = "Signing secret of the webhook endpoint, brought by a person."
    LMS_CANARY_PASSWORD       = "Password of the monitor's learner, brought by a person once there is one."
  }
}

module "key" {
  source = "../key"

  name        = "${var.name}-secrets"
  description = "Secrets of ${var.name}."
  account_id  = var.account_id
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:changed by secrets.py, which changes what it opens along with it
  for_each = local.secrets

  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = module.key.arn
  recovery_window_in_days = var.protected ? 30 : 7
}
