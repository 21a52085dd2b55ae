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

variable "hosts" {
  description = "Names, stars included, that the front distribution answers to."
  type        = list(string)

  validation {
    condition     = length(var.hosts) > 0
    error_message = "It must not be empty."
  }
}

variable "certificate_arn" {
  description = "Certificate of those names, in us-east-1."
  type        = string

  validation {
    condition     = startswith(var.certificate_arn, "arn:aws:")
    error_message = "An ARN."
  }
}

variable "origin_host" {
  description = "Name of ours that leads to the load balancer and stands in its certificate."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9.-]+\\.[a-z]{2,}$", var.origin_host))
    error_message = "A host name."
  }
}

variable "balancer_arn" {
  description = "The load balancer, which has no public address."
  type        = string

  validation {
    condition     = startswith(var.balancer_arn, "arn:aws:")
    error_message = "An ARN."
  }
}

variable "media_host" {
  description = "Regional host of the bucket of films, files and the built application."
  type        = string

  validation {
    condition     = length(var.media_host) > 0
    error_message = "It must not be empty."
  }
}

variable "delivery_bucket_arn" {
  description = "Bucket that takes the record of delivered bytes."
  type        = string

  validation {
    condition     = startswith(var.delivery_bucket_arn, "arn:aws:")
    error_message = "An ARN."
  }
}

variable "pools" {
  description = "Shared distributions for organizations' media, about seventy organizations each."
  type        = number

  validation {
    condition     = var.pools >= 1 && var.pools <= 20
    error_message = "1 to 20: beyond that a cell is too large, see docs/operations/cells.md."
  }
}

variable "price_class" {
  description = "Where CloudFront serves from: PriceClass_100 is North America and Europe, PriceClass_All everywhere."
  type        = string
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "requests_per_address" {
  description = "Requests of one address in five minutes before the firewall refuses more. The product's own limits are finer: this is the wall around them, and a school comes through one address."
  type        = number
  default     = 30000

  validation {
    condition     = var.requests_per_address >= 15000 && var.requests_per_address <= 2000000
    error_message = "15000 at least, which is what the product itself lets one address ask."
  }
}

variable "log_retention_days" {
  description = "Days that the firewall's log is kept."
  type        = number

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400], var.log_retention_days)
    error_message = "A number that CloudWatch knows: 7, 14, 30, 60, 90, 120, 150, 180, 365 or 400."
  }
}
