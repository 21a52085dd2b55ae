variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "account_id" {
  description = "The AWS account."
  type        = string
}

variable "region" {
  description = "The region, for the names of AWS's own endpoints."
  type        = string
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
}

variable "log_retention_days" {
  description = "Days that the record of network flows is kept."
  type        = number
}

variable "log_key_arn" {
  description = "Key that encrypts the record of network flows."
  type        = string
}
