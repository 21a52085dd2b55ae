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
}

variable "subnet_ids" {
  description = "Subnets without a way out."
  type        = list(string)
}

variable "security_group_id" {
  description = "Group that only tasks may reach."
  type        = string
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
}

variable "log_retention_days" {
  description = "Days that the log of slow commands is kept."
  type        = number
}

variable "log_key_arn" {
  description = "Key that encrypts the log of slow commands."
  type        = string
}
