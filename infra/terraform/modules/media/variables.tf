variable "name" {
  description = "Prefix of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,39}$", var.name))
    error_message = "3 to 40 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "account_id" {
  description = "The AWS account; part of the buckets' names, which are unique in the world."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "Twelve digits."
  }
}

variable "upload_origins" {
  description = "Pages from which a browser may upload. Organizations with a domain of their own upload from there: what protects an upload is its signature."
  type        = list(string)
  default     = ["https://*"]

  validation {
    condition     = alltrue([for origin in var.upload_origins : startswith(origin, "https://") && length(regexall("\\*", origin)) <= 1])
    error_message = "Each begins with https:// and has one star at most."
  }
}

variable "noncurrent_days" {
  description = "Days that what was overwritten or deleted can still be brought back. After that it is gone for good, as was promised to who had it deleted."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 1 && var.noncurrent_days <= 90
    error_message = "1 to 90."
  }
}

variable "delivery_log_days" {
  description = "Days that the record of delivered bytes is kept after it was counted."
  type        = number
  default     = 30

  validation {
    condition     = var.delivery_log_days >= 7
    error_message = "7 at least: records come up to a day late, and a counting that stood still has to catch up."
  }
}

variable "protected" {
  description = "Buckets that still hold something are not deleted."
  type        = bool
}
