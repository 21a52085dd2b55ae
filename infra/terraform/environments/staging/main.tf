# Staging: every part of production, one of each, small. Rehearse releases and restores here.

module "cell" {
  source    = "../../modules/cell"
  providers = { aws = aws, aws.us_east_1 = aws.us_east_1 }

  name               = "lms-staging"
  account_id         = var.account_id
  region             = var.region
  availability_zones = var.availability_zones
  cidr               = "10.30.0.0/16"
  nat_per_zone       = false

  hosts        = var.hosts
  zones        = var.zones
  mail_reports = var.mail_reports

  security_contact = var.security_contact

  image      = var.image
  next_image = var.next_image
  serving    = var.serving
  settings   = var.settings
  canary     = var.canary
  status     = one(module.status[*].store)

  sizes = {
    web         = { cpu = 512, memory = 1024, least = 1, most = 2 }
    worker      = { cpu = 256, memory = 1024, least = 1, most = 2 }
    dispatcher  = { cpu = 256, memory = 512, least = 1, most = 1 }
    provisioner = { cpu = 256, memory = 512, least = 1, most = 1 }
    archivist   = { cpu = 256, memory = 1024, disk = 30, least = 1, most = 1 }
    transcoder  = { cpu = 1024, memory = 2048, disk = 40, least = 1, most = 2 }
    monitor     = { cpu = 256, memory = 512, least = 1, most = 1 }
  }

  database = {
    instance_class = "db.t4g.medium"
    memory_gb      = 4
    storage_gb     = 30
    max_storage_gb = 100
    connections    = 120
    multi_az       = false
    backup_days    = 7
  }
  cache = { node_type = "cache.t4g.micro", nodes = 1 }

  pools              = 1
  transcoder         = "mediaconvert"
  protected          = false
  log_retention_days = 30
  alarm_addresses    = var.alarm_addresses
  monthly_budget_usd = var.monthly_budget_usd
}

# The status page where the product is not: it is given nothing of the cell, and the cell's monitor its address alone.
module "status" {
  source    = "../../modules/status"
  providers = { aws = aws.status, aws.us_east_1 = aws.us_east_1 }
  count     = var.status == null ? 0 : 1

  name       = "lms-staging"
  account_id = var.account_id
  region     = var.status_region
  host       = var.status.host
  zone_id    = var.status.zone_id
  protected  = false
}
