variable "hosts" {
  description = "The product's hosts: of the site, of the staff console, and the suffixes of organizations and of content they made."
  type = object({
    site           = string
    staff          = string
    tenant_suffix  = string
    content_suffix = string
  })

  validation {
    condition     = alltrue([for host in values(var.hosts) : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", host))])
    error_message = "Each is a lower-case host name with a dot."
  }
}

variable "zones" {
  description = "Hosted zones in Route 53, by the domain they are for. Each host needs one that ends it."
  type        = map(string)

  validation {
    condition     = alltrue([for id in values(var.zones) : can(regex("^Z[A-Z0-9]+$", id))])
    error_message = "Ids of hosted zones begin with Z."
  }
}

variable "region" {
  description = "The region, for the address of its mail servers."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Such as eu-central-1."
  }
}

variable "distribution" {
  description = "Host and zone of the CloudFront distribution that all hosts lead to."
  type        = object({ host = string, zone_id = string })

  validation {
    condition     = alltrue([for part in values(var.distribution) : length(part) > 0])
    error_message = "Host and zone."
  }
}

variable "balancer" {
  description = "Host and zone of the load balancer, which CloudFront calls by a name of ours."
  type        = object({ host = string, zone_id = string })

  validation {
    condition     = alltrue([for part in values(var.balancer) : length(part) > 0])
    error_message = "Neither may be empty."
  }
}

variable "mail_reports" {
  description = "Where receivers send their reports on mail that pretended to be ours (DMARC)."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+$", var.mail_reports))
    error_message = "A mail address."
  }
}
