variable "account_id" {
  description = "The AWS account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "Twelve digits."
  }
}

variable "region" {
  description = "The region of state and images: the environments' own."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Such as eu-central-1."
  }
}

variable "repository" {
  description = "The GitHub repository whose workflows may push images and release: owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.repository))
    error_message = "owner/name."
  }
}

variable "cells" {
  description = "Names of the cells that the workflows may release to, and the GitHub environment whose rules guard each."
  type        = map(string)
  default     = { "lms-staging" = "staging", "lms-production" = "production" }

  validation {
    condition     = length(var.cells) > 0
    error_message = "One at least."
  }
}
