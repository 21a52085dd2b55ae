output "run" {
  description = "How one-off tasks are started."
  value       = module.cell.run
}

output "to_fill" {
  description = "What infra/terraform/bootstrap/secrets.py needs."
  value       = module.cell.to_fill
}

output "addresses" {
  description = "Where the product is, once it runs."
  value       = merge(module.cell.addresses, { for page in module.status : "status" => page.address })
}

output "scaling" {
  description = "By service: between how many and how many tasks, and after what."
  value       = module.cell.scaling
}

output "containers" {
  description = "What each container is given, for the test that holds it to the settings."
  value       = module.cell.containers
}

output "headers" {
  description = "What is said of files from the bucket, for the test that compares it with the product."
  value       = module.cell.headers
}

output "policies" {
  description = "Every policy that is made, by where it is, for the tests of privileges."
  value       = merge(module.cell.policies, module.status[*].policies...)
}

output "alarms" {
  description = "Every alarm."
  value       = module.cell.alarms
}
