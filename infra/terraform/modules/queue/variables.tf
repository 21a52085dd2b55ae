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

variable "transcode_queue_arn" {
  description = "The MediaConvert queue whose jobs are told of."
  type        = string

  validation {
    condition     = startswith(var.transcode_queue_arn, "arn:aws:")
    error_message = "An ARN."
  }
}

variable "tries" {
  description = "How often a message is handed out before it is put aside."
  type        = number
  default     = 8

  validation {
    condition     = var.tries >= 3 && var.tries <= 100
    error_message = "3 to 100."
  }
}
