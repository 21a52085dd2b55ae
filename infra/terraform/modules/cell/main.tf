# One cell: an installation of the product with its own network, database, cache, buckets and front door.
# docs/operations/cells.md says how many organizations it serves.

locals {
  web_port = 8000

  settings = merge(
    {
      DJANGO_SETTINGS_MODULE       = "config.settings.production"
      LMS_CELL                     = var.name
      LMS_SITE_HOST                = var.hosts.site
      LMS_STAFF_HOST               = var.hosts.staff
      LMS_TENANT_SUFFIX            = var.hosts.tenant_suffix
      LMS_CONTENT_SUFFIX           = var.hosts.content_suffix
      LMS_SECURITY_CONTACT         = var.security_contact
      LMS_PUBLIC_SCHEME            = "https"
      LMS_PORT                     = "443"
      LMS_INTERNAL_NETWORKS        = var.cidr
      LMS_TRUSTED_PROXIES          = "*" # the network lets nobody but the load balancer come
      LMS_S3_URL                   = "https://s3.${var.region}.amazonaws.com/${module.media.buckets["media"].name}?region=${var.region}"
      LMS_DELIVERY_LOGS            = "s3://${module.media.buckets["delivery"].name}/cloudfront"
      LMS_ASSETS                   = "store" # CloudFront serves the built application from the bucket
      LMS_PROXY_HOPS               = "2"     # CloudFront, then the load balancer
      LMS_AWS_REGION               = var.region
      LMS_MEDIA_EDGE               = "cloudfront"
      LMS_CLOUDFRONT_POOLS         = join(",", module.edge.pool_ids)
      LMS_CLOUDFRONT_FRONT         = module.edge.front_id
      LMS_CLOUDFRONT_TEMPLATE      = module.edge.template_id
      LMS_CLOUDFRONT_FUNCTION_KEYS = module.edge.key_store_arn
      LMS_CLOUDFRONT_ORIGIN_APP    = module.edge.origins.app
      LMS_CLOUDFRONT_ORIGIN_MEDIA  = module.edge.origins.media
      LMS_TRANSCODER               = var.transcoder
      LMS_MEDIACONVERT_QUEUE       = module.media.transcode_queue_arn
      LMS_MEDIACONVERT_ROLE        = module.media.transcode_role_arn
      LMS_MEDIACONVERT_EVENTS      = module.queue.events_url
      LMS_MEDIACONVERT_KMS_KEY     = module.media.key_arn
    },
    var.settings,
  )
}

module "observability" {
  source = "../observability"

  name               = var.name
  account_id         = var.account_id
  region             = var.region
  alarm_addresses    = var.alarm_addresses
  monthly_budget_usd = var.monthly_budget_usd
}

module "network" {
  source = "../network"

  name               = var.name
  account_id         = var.account_id
  region             = var.region
  cidr               = var.cidr
  zones              = var.availability_zones
  nat_per_zone       = var.nat_per_zone
  web_port           = local.web_port
  log_retention_days = var.log_retention_days
  log_key_arn        = module.observability.key_arn
}

module "database" {
  source = "../database"

  name               = var.name
  account_id         = var.account_id
  subnet_ids         = module.network.data_subnet_ids
  security_group_id  = module.network.security_group_ids["database"]
  instance_class     = var.database.instance_class
  storage_gb         = var.database.storage_gb
  max_storage_gb     = var.database.max_storage_gb
  max_connections    = var.database.connections
  multi_az           = var.database.multi_az
  backup_days        = var.database.backup_days
  protected          = var.protected
  log_retention_days = var.log_retention_days
  log_key_arn        = module.observability.key_arn
}

module "cache" {
  source = "../cache"

  name               = var.name
  account_id         = var.account_id
  subnet_ids         = module.network.data_subnet_ids
  security_group_id  = module.network.security_group_ids["cache"]
  node_type          = var.cache.node_type
  nodes              = var.cache.nodes
  log_retention_days = var.log_retention_days
  log_key_arn        = module.observability.key_arn
}

module "media" {
  source = "../media"

  name       = var.name
  account_id = var.account_id
  protected  = var.protected
}

module "queue" {
  source = "../queue"

  name                = var.name
  account_id          = var.account_id
  region              = var.region
  transcode_queue_arn = module.media.transcode_queue_arn
}

module "dns" {
  source    = "../dns"
  providers = { aws = aws, aws.us_east_1 = aws.us_east_1 }

  hosts        = var.hosts
  zones        = var.zones
  region       = var.region
  mail_reports = var.mail_reports
  distribution = module.edge.front
  balancer     = { host = module.service.balancer.host, zone_id = module.service.balancer.zone_id }
}

module "edge" {
  source    = "../edge"
  providers = { aws = aws, aws.us_east_1 = aws.us_east_1 }

  name                = var.name
  account_id          = var.account_id
  hosts               = module.dns.served_hosts
  certificate_arn     = module.dns.edge_certificate_arn
  origin_host         = module.dns.origin_host
  balancer_arn        = module.service.balancer.arn
  media_host          = module.media.buckets["media"].host
  delivery_bucket_arn = module.media.buckets["delivery"].arn
  pools               = var.pools
  price_class         = var.price_class
  log_retention_days  = var.log_retention_days
}

module "service" {
  source = "../service"

  name               = var.name
  account_id         = var.account_id
  region             = var.region
  image              = var.image
  next_image         = var.next_image
  serving            = var.serving
  vpc_id             = module.network.vpc_id
  subnet_ids         = module.network.private_subnet_ids
  security_group_ids = module.network.security_group_ids
  certificate_arn    = module.dns.origin_certificate_arn
  web_port           = local.web_port
  sizes              = var.sizes
  canary             = var.canary
  status             = var.status
  environment        = local.settings
  log_retention_days = var.log_retention_days
  log_key_arn        = module.observability.key_arn
  protected          = var.protected

  database = {
    host              = module.database.host
    master_secret_arn = module.database.master_secret_arn
    key_arn           = module.database.key_arn
  }
  media = {
    bucket_arn   = module.media.buckets["media"].arn
    delivery_arn = module.media.buckets["delivery"].arn
    key_arn      = module.media.key_arn
  }
  edge = {
    distribution_arns = concat(module.edge.pool_arns, [module.edge.template_arn])
    forget_arns       = concat([module.edge.front_arn], module.edge.pool_arns)
    key_store_arns    = [module.edge.key_store_arn]
  }
  transcoding = {
    queue_arn      = module.media.transcode_queue_arn
    role_arn       = module.media.transcode_role_arn
    events_arn     = module.queue.events_arn
    events_key_arn = module.queue.key_arn
  }
}

module "alarms" {
  source = "../observability/alarms"

  name        = var.name
  topic_arn   = module.observability.topic_arn
  balancer    = { metric = module.service.balancer.metric, target_metric = module.service.balancer.target_metric }
  cluster     = module.service.cluster
  services    = module.service.services
  figures     = module.service.figures
  cache_nodes = module.cache.member_clusters
  queues      = module.queue.names

  database = {
    identifier  = module.database.identifier
    memory_gb   = var.database.memory_gb
    storage_gb  = var.database.storage_gb
    connections = var.database.connections
  }
}
