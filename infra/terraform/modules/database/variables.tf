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

variable "subnet_ids" {
  description = "Subnets without a way out, in two zones at least."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "Two at least."
  }
}

variable "security_group_id" {
  description = "Group that only tasks may reach."
  type        = string

  validation {
    condition     = length(var.security_group_id) > 0
    error_message = "It must not be empty."
  }
}

variable "engine_version" {
  description = "Major version of PostgreSQL: the one the tests run on."
  type        = string
  default     = "18"

  validation {
    condition     = can(regex("^[0-9]{2}$", var.engine_version))
    error_message = "The major version alone, such as 18: minor versions come by themselves."
  }
}

variable "instance_class" {
  description = "Size of the instance. docs/operations/cost.md says which for how many organizations."
  type        = string

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "Such as db.m7g.large."
  }
}

variable "storage_gb" {
  description = "Storage to begin with, in GiB."
  type        = number

  validation {
    condition     = var.storage_gb >= 20
    error_message = "20 at least."
  }
}

variable "max_storage_gb" {
  description = "Up to how many GiB it grows by itself."
  type        = number

  validation {
    condition     = var.max_storage_gb >= 20 && var.max_storage_gb <= 65536
    error_message = "20 to 65536."
  }
}

variable "multi_az" {
  description = "A standby in another zone, which takes over within about two minutes."
  type        = bool
}

variable "backup_days" {
  description = "Days back to which any moment can be restored. RDS keeps 35 at most."
  type        = number

  validation {
    condition     = var.backup_days >= 7 && var.backup_days <= 35
    error_message = "7 to 35."
  }
}

variable "protected" {
  description = "Deletion has to be allowed first, and leaves a last snapshot."
  type        = bool
}

variable "max_connections" {
  description = "Connections in all: web tasks x processes x threads, and workers, and a tenth for people."
  type        = number

  validation {
    condition     = var.max_connections >= 100 && var.max_connections <= 5000
    error_message = "100 to 5000."
  }
}

variable "log_retention_days" {
  description = "Days that the server's log is kept."
  type        = number

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400], var.log_retention_days)
    error_message = "A number that CloudWatch knows: 7, 14, 30, 60, 90, 120, 150, 180, 365 or 400."
  }
}

variable "log_key_arn" {
  description = "Key that encrypts the server's log."
  type        = string

  validation {
    condition     = startswith(var.log_key_arn, "arn:aws:")
    error_message = "An ARN."
  }
}
