variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "account_id" {
  description = "The AWS account."
  type        = string
}

variable "region" {
  description = "The region."
  type        = string
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
