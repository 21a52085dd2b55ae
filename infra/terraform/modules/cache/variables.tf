variable "name" {
  description = "Prefix of every name, 40 characters at most."
  type        = string

  validation {
    condition     = length(var.name) <= 40
    error_message = "ElastiCache takes 40 characters."
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
  description = "Subnets without a way out."
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

variable "node_type" {
  description = "Size of a node."
  type        = string

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.node_type))
    error_message = "Such as cache.t4g.small."
  }
}

variable "nodes" {
  description = "Nodes: one, or two and more with a failover of seconds."
  type        = number

  validation {
    condition     = var.nodes >= 1 && var.nodes <= 6
    error_message = "One to six."
  }
}

variable "snapshot_days" {
  description = "Days that snapshots are kept. What must not be lost is in PostgreSQL: 0 is allowed."
  type        = number
  default     = 1

  validation {
    condition     = var.snapshot_days >= 0 && var.snapshot_days <= 35
    error_message = "0 to 35."
  }
}

variable "log_retention_days" {
  description = "Days that the log of slow commands is kept."
  type        = number

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400], var.log_retention_days)
    error_message = "A number that CloudWatch knows: 7, 14, 30, 60, 90, 120, 150, 180, 365 or 400."
  }
}

variable "log_key_arn" {
  description = "Key that encrypts the log of slow commands."
  type        = string

  validation {
    condition     = startswith(var.log_key_arn, "arn:aws:")
    error_message = "An ARN."
  }
}
