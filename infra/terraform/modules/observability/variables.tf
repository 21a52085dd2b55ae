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
  description = "The region."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Such as eu-central-1."
  }
}

variable "alarm_addresses" {
  description = "Mail addresses that alarms go to. Each gets a mail to confirm first."
  type        = set(string)

  validation {
    condition     = length(var.alarm_addresses) > 0 && alltrue([for address in var.alarm_addresses : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "One mail address at least: an alarm that nobody gets is none."
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
