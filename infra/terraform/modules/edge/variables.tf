variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "account_id" {
  description = "The AWS account."
  type        = string
}

variable "hosts" {
  description = "Names, stars included, that the front distribution answers to."
  type        = list(string)
}

variable "certificate_arn" {
  description = "Certificate of those names, in us-east-1."
  type        = string
}

variable "origin_host" {
  description = "Name of ours that leads to the load balancer and stands in its certificate."
  type        = string
}

variable "balancer_arn" {
  description = "The load balancer, which has no public address."
  type        = string
}

variable "media_host" {
  description = "Regional host of the bucket of films, files and the built application."
  type        = string
}

variable "delivery_bucket_arn" {
  description = "Bucket that takes the record of delivered bytes."
  type        = string
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
}
