output "run" {
  description = "What infra/terraform/bootstrap/run_task.py needs: region, cluster, task definitions, subnets, security group."
  value       = merge({ cluster = module.service.cluster, region = var.region }, module.service.one_off)
}

output "to_fill" {
  description = "What infra/terraform/bootstrap/secrets.py needs to make secrets: where they go, and the hosts they name."
  value = {
    region        = var.region
    secrets       = module.service.secrets
    database_host = module.database.host
    cache_host    = module.cache.host
    cache_user    = module.cache.user_id
    smtp_host     = "email-smtp.${var.region}.amazonaws.com"
    smtp_user     = module.dns.smtp_user
  }
}

output "addresses" {
  description = "Where the product is, once it runs."
  value = {
    site    = "https://${var.hosts.site}/"
    staff   = "https://${var.hosts.staff}/"
    webhook = "https://${var.hosts.site}/api/v1/webhooks/stripe/"
  }
}

output "alarms" {
  description = "Every alarm."
  value       = module.alarms.names
}

output "scaling" {
  description = "By service: between how many and how many tasks, and after what."
  value       = module.service.scaling
}

output "containers" {
  description = "What each container is given."
  value       = module.service.containers
}

output "headers" {
  description = "What is said of files from the bucket."
  value       = module.edge.headers
}

output "policies" {
  description = "Every policy that is made, by where it is."
  value = merge(
    module.observability.policies, module.network.policies, module.database.policies, module.cache.policies,
    module.media.policies, module.queue.policies, module.dns.policies, module.edge.policies, module.service.policies,
  )
}
