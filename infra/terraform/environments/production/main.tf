# Production: two of everything that people wait for, in two zones. The sizes are those of the first hundred
# organizations in docs/operations/cost.md, which says what to change for more.

module "cell" {
  source    = "../../modules/cell"
  providers = { aws = aws, aws.us_east_1 = aws.us_east_1 }

  name               = "lms-production"
  account_id         = var.account_id
  region             = var.region
  availability_zones = var.availability_zones
  cidr               = "10.20.0.0/16"
  nat_per_zone       = true

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
    web         = { cpu = 1024, memory = 2048, least = 2, most = 8 }
    worker      = { cpu = 512, memory = 1024, least = 2, most = 6 }
    dispatcher  = { cpu = 512, memory = 1024, least = 2, most = 2 }
    provisioner = { cpu = 512, memory = 1024, least = 2, most = 2 }
    archivist   = { cpu = 512, memory = 1024, disk = 60, least = 1, most = 1 }
    transcoder  = { cpu = 2048, memory = 4096, disk = 100, least = 1, most = 6 }
    monitor     = { cpu = 256, memory = 512, least = 1, most = 1 }
  }

  database = {
    instance_class = "db.m7g.large"
    memory_gb      = 8
    storage_gb     = 100
    max_storage_gb = 1000
    connections    = 200
    multi_az       = true
    backup_days    = 35
  }
  cache = { node_type = "cache.t4g.small", nodes = 2 }

  pools              = 2
  transcoder         = "mediaconvert"
  protected          = true
  log_retention_days = 90
  alarm_addresses    = var.alarm_addresses
  monthly_budget_usd = var.monthly_budget_usd
}

# The status page where the product is not: it is given nothing of the cell, and the cell's monitor its address alone.
module "status" {
  source    = "../../modules/status"
  providers = { aws = aws.status, aws.us_east_1 = aws.us_east_1 }
  count     = var.status == null ? 0 : 1

  name       = "lms-production"
  account_id = var.account_id
  region     = var.status_region
  host       = var.status.host
  zone_id    = var.status.zone_id
  protected  = true
}
