variable "name" {
  description = "Name of the cell that the page is about: names here begin with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}[a-z0-9]$", var.name))
    error_message = "4 to 24 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "account_id" {
  description = "The AWS account; part of the bucket's name, which is unique in the world."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "Twelve digits."
  }
}

variable "region" {
  description = "Where the bucket is: the region of this module's provider."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Such as eu-west-1."
  }
}

variable "host" {
  description = "The page's second name."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.host))
    error_message = "A lower-case host name with a dot."
  }
}

variable "zone_id" {
  description = "Hosted zone that ends that name, and none of the product's."
  type        = string

  validation {
    condition     = can(regex("^Z[A-Z0-9]+$", var.zone_id))
    error_message = "Ids of hosted zones begin with Z."
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

variable "protected" {
  description = "A bucket that still holds something is not deleted."
  type        = bool
}
