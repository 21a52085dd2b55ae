variable "name" {
  description = "Prefix of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,39}$", var.name))
    error_message = "3 to 40 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "topic_arn" {
  description = "Where alarms are told."
  type        = string

  validation {
    condition     = startswith(var.topic_arn, "arn:aws:")
    error_message = "An ARN."
  }
}

variable "balancer" {
  description = "Names by which metrics know the load balancer and its targets."
  type        = object({ metric = string, target_metric = string })

  validation {
    condition     = alltrue([for part in values(var.balancer) : length(part) > 0])
    error_message = "Neither may be empty."
  }
}

variable "cluster" {
  description = "Name of the ECS cluster."
  type        = string

  validation {
    condition     = length(var.cluster) > 0
    error_message = "It must not be empty."
  }
}

variable "services" {
  description = "Services by process: their names and how many tasks each has at least."
  type        = map(object({ name = string, least = number }))

  validation {
    condition     = alltrue([for service in values(var.services) : service.least >= 1])
    error_message = "At least one task of each."
  }
}

variable "database" {
  description = "The database instance: its name, its memory and storage in GiB, its connections."
  type        = object({ identifier = string, memory_gb = number, storage_gb = number, connections = number })

  validation {
    condition     = var.database.memory_gb > 0 && var.database.storage_gb > 0 && var.database.connections > 0
    error_message = "Figures above 0."
  }
}

variable "cache_nodes" {
  description = "Nodes of the cache by name."
  type        = list(string)

  validation {
    condition     = length(var.cache_nodes) > 0
    error_message = "It must not be empty."
  }
}

variable "queues" {
  description = "Names of the queue of events and of the one for messages put aside."
  type        = object({ events = string, dead = string })

  validation {
    condition     = alltrue([for name in values(var.queues) : length(name) > 0])
    error_message = "Neither may be empty."
  }
}

variable "figures" {
  description = "Metrics counted from the product's log: their namespace and names."
  type        = object({ namespace = string, names = list(string) })

  validation {
    condition     = length(var.figures.namespace) > 0
    error_message = "A namespace."
  }
}
