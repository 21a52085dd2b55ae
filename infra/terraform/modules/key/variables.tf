variable "name" {
  description = "Name of the key, and of its alias."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,60}$", var.name))
    error_message = "Lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "description" {
  description = "What the key encrypts."
  type        = string

  validation {
    condition     = length(var.description) > 0
    error_message = "It must not be empty."
  }
}

variable "account_id" {
  description = "The AWS account that administers the key: IAM policies there decide who of it may use the key."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "Twelve digits."
  }
}

variable "services" {
  description = "AWS services that may use the key, each with the actions it needs and the condition that ties it to this account."
  type = map(object({
    principal = string
    actions   = list(string)
    condition = map(map(string))
  }))
  default = {}

  validation {
    condition     = alltrue([for service in var.services : length(service.condition) > 0])
    error_message = "A service without a condition would act for any account."
  }
}

variable "deletion_window_days" {
  description = "Days in which a deletion can be called off."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "AWS takes 7 to 30 days."
  }
}
