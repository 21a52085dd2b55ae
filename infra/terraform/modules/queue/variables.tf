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

variable "transcode_queue_arn" {
  description = "The MediaConvert queue whose jobs are told of."
  type        = string
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
