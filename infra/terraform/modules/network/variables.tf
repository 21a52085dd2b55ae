variable "name" {
  description = "Prefix of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,39}$", var.name))
    error_message = "3 to 40 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "account_id" {
  description = "The AWS account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "Twelve digits."
  }
}

variable "region" {
  description = "The region, for the names of AWS's own endpoints."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Such as eu-central-1."
  }
}

variable "cidr" {
  description = "Address range of the network. A /16 to /20: every subnet gets a sixteenth of it."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.cidr)) && tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 20
    error_message = "An IPv4 range between /16 and /20."
  }
}

variable "zones" {
  description = "Availability zones, two at least: the database and the cache stand in two of them."
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 4 && length(distinct(var.zones)) == length(var.zones)
    error_message = "Two to four different zones."
  }
}

variable "nat_per_zone" {
  description = "A NAT gateway in each zone. With one in all, a zone that fails takes the way out of the others along."
  type        = bool
}

variable "endpoint_services" {
  description = "AWS services that tasks reach without leaving the network. The transcoder reaches nothing else."
  type        = set(string)
  default     = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "kms", "sqs", "email-smtp", "mediaconvert"]

  validation {
    condition     = length(setsubtract(["ecr.api", "ecr.dkr", "logs", "secretsmanager", "kms"], var.endpoint_services)) == 0
    error_message = "A task cannot start without ecr.api, ecr.dkr, logs, secretsmanager and kms."
  }
}

variable "web_port" {
  description = "Port of the web tasks."
  type        = number

  validation {
    condition     = var.web_port >= 1024 && var.web_port <= 65535
    error_message = "1024 to 65535: the tasks are nobody in particular."
  }
}

variable "log_retention_days" {
  description = "Days that the record of network flows is kept."
  type        = number

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400], var.log_retention_days)
    error_message = "A number that CloudWatch knows: 7, 14, 30, 60, 90, 120, 150, 180, 365 or 400."
  }
}

variable "log_key_arn" {
  description = "Key that encrypts the record of network flows."
  type        = string

  validation {
    condition     = startswith(var.log_key_arn, "arn:aws:")
    error_message = "An ARN."
  }
}
