# What differs from company to company. Copy example.tfvars to terraform.tfvars and fill it in.

variable "account_id" {
  description = "The AWS account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "Twelve digits."
  }
}

variable "region" {
  description = "The region."
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

variable "hosts" {
  description = "Hosts of the site and the staff console, suffixes of organizations and of content they made."
  type        = object({ site = string, staff = string, tenant_suffix = string, content_suffix = string })

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

variable "alarm_addresses" {
  description = "Mail addresses that alarms go to."
  type        = set(string)

  validation {
    condition     = length(var.alarm_addresses) > 0
    error_message = "One at least."
  }
}

variable "image" {
  description = "The image that serves, by digest."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name it by digest (…@sha256:…)."
  }
}

variable "next_image" {
  description = "During a release the image that prepares the database while `image` still serves."
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

variable "monthly_budget_usd" {
  description = "Cost a month of which 80 % and 100 % are told. 0: nothing is told."
  type        = number
  default     = 0

  validation {
    condition     = var.monthly_budget_usd >= 0
    error_message = "0 or more."
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
  description = "The status page's second name and its hosted zone, neither of them the product's. Null: the page is at the product alone."
  type        = object({ host = string, zone_id = string })
  default     = null

  validation {
    condition     = var.status == null ? true : !contains(values(var.zones), var.status.zone_id) && !anytrue([for suffix in [var.hosts.tenant_suffix, var.hosts.content_suffix] : endswith(var.status.host, ".${suffix}")])
    error_message = "Another zone than each of the product's, and no name below the suffixes of organizations or content."
  }

  validation {
    condition     = var.status == null ? true : var.status_region != null && var.status_region != var.region
    error_message = "It needs a region for its bucket (status_region), another than the product's."
  }

  validation {
    condition     = var.status == null || var.canary != null
    error_message = "The monitor writes the page, and needs a learner to walk as (canary)."
  }
}

# Not a part of `status`: when that is taken out, Terraform still has to look where the bucket and its key are.
variable "status_region" {
  description = "The region of the status page's bucket, another than the product's. As long as anything of a second name is there it stays as it is."
  type        = string
  default     = null

  validation {
    condition     = var.status_region == null ? true : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.status_region))
    error_message = "Such as eu-west-1."
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
