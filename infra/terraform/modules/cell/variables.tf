# -- where -------------------------------------------------------------------------------------------------------------

variable "name" {
  description = "Name of the cell, which begins every other name: lms-staging, lms-production."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}[a-z0-9]$", var.name))
    error_message = "4 to 24 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "account_id" {
  description = "The AWS account. Terraform refuses to work in another."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "Twelve digits."
  }
}

variable "region" {
  description = "Where everything stands but certificates and firewall of CloudFront, which are in us-east-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Such as eu-central-1."
  }
}

variable "availability_zones" {
  description = "Two to four zones of the region."
  type        = list(string)

  validation {
    condition     = length(var.availability_zones) >= 2 && length(var.availability_zones) <= 4
    error_message = "Two to four."
  }
}

variable "cidr" {
  description = "Address range of the network."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.cidr))
    error_message = "An IPv4 range, such as 10.20.0.0/16."
  }
}

variable "nat_per_zone" {
  description = "A way out in each zone, so that one that fails leaves the others whole."
  type        = bool
}

# -- names -------------------------------------------------------------------------------------------------------------

variable "hosts" {
  description = "Hosts of the site and of the staff console, suffixes of organizations and of content they made. In production the suffixes are registrable domains of their own: browsers then keep organizations' cookies from the site's."
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
  description = "Hosted zones in Route 53, by the domain they are for."
  type        = map(string)

  validation {
    condition     = length(var.zones) > 0
    error_message = "One at least."
  }
}

variable "mail_reports" {
  description = "Where receivers send their reports on mail that pretended to be ours."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+$", var.mail_reports))
    error_message = "A mail address."
  }
}

variable "security_contact" {
  description = "Where to report a hole: mailto:… or https://…, for /.well-known/security.txt."
  type        = string

  validation {
    condition     = can(regex("^(mailto:|https://).+", var.security_contact))
    error_message = "mailto:… or https://…"
  }
}

# -- what runs ---------------------------------------------------------------------------------------------------------

variable "image" {
  description = "The image that serves, by digest."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name it by digest (…@sha256:…)."
  }
}

variable "next_image" {
  description = "During a release the image that prepares the database while `image` still serves. Empty: the same."
  type        = string
  default     = ""

  validation {
    condition     = var.next_image == "" || can(regex("@sha256:[0-9a-f]{64}$", var.next_image))
    error_message = "Name it by digest (…@sha256:…)."
  }
}

variable "serving" {
  description = "Whether the services run. False only the first time, until secrets and database are there."
  type        = bool
  default     = true
}

variable "sizes" {
  description = "Of each process: CPU units, MiB, GiB of disk, how many at least and at most."
  type = map(object({
    cpu    = number
    memory = number
    disk   = optional(number, 21)
    least  = number
    most   = number
  }))

  validation {
    condition     = length(var.sizes) > 0
    error_message = "Of every process: modules/service says which."
  }
}

variable "canary" {
  description = "The learner whom the monitor walks as: the organization's host and the learner's mail address. Null: nobody walks yet."
  type        = object({ host = string, email = string })
  default     = null

  validation {
    condition     = var.canary == null ? true : length(var.canary.host) > 0 && length(var.canary.email) > 0
    error_message = "A host name and a mail address."
  }
}

variable "status" {
  description = "Where the monitor writes the status page for its second name: address of the bucket, its one object, the object's key. Null: nowhere."
  type        = object({ url = string, object_arn = string, key_arn = string })
  default     = null

  validation {
    condition     = var.status == null ? true : startswith(var.status.url, "https://")
    error_message = "https://…"
  }
}

variable "settings" {
  description = "Further settings of the product, LMS_…, that are not secret."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : startswith(name, "LMS_")])
    error_message = "Each begins with LMS_."
  }
}

# -- data --------------------------------------------------------------------------------------------------------------

variable "database" {
  description = "PostgreSQL: instance class, its memory and storage in GiB, connections, standby, days of backups."
  type = object({
    instance_class = string
    memory_gb      = number
    storage_gb     = number
    max_storage_gb = number
    connections    = number
    multi_az       = bool
    backup_days    = number
  })

  validation {
    condition     = var.database.max_storage_gb >= var.database.storage_gb
    error_message = "It can't grow to less than it begins with."
  }
}

variable "cache" {
  description = "Valkey: size of a node, and how many."
  type        = object({ node_type = string, nodes = number })

  validation {
    condition     = var.cache.nodes >= 1
    error_message = "One node at least."
  }
}

variable "protected" {
  description = "Nothing that holds data is deleted before somebody says so twice."
  type        = bool
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400], var.log_retention_days)
    error_message = "A number that CloudWatch knows: 7, 14, 30, 60, 90, 120, 150, 180, 365 or 400."
  }
}

# -- delivery ----------------------------------------------------------------------------------------------------------

variable "pools" {
  description = "Shared distributions, about seventy organizations each."
  type        = number

  validation {
    condition     = var.pools >= 1 && var.pools <= 20
    error_message = "1 to 20."
  }
}

variable "price_class" {
  description = "Where CloudFront serves from."
  type        = string
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "transcoder" {
  description = "Who encodes films: local (ffmpeg on the transcoder's tasks) or mediaconvert."
  type        = string

  validation {
    condition     = contains(["local", "mediaconvert"], var.transcoder)
    error_message = "local or mediaconvert."
  }
}

# -- watching ----------------------------------------------------------------------------------------------------------

variable "alarm_addresses" {
  description = "Mail addresses that alarms go to."
  type        = set(string)

  validation {
    condition     = length(var.alarm_addresses) > 0
    error_message = "It must not be empty."
  }
}

variable "monthly_budget_usd" {
  description = "Cost a month of which 80 % and 100 % are told. 0: nothing is told."
  type        = number
  default     = 0

  validation {
    condition     = var.monthly_budget_usd >= 0
    error_message = "0 or more."
  }
}
