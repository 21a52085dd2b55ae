variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "topic_arn" {
  description = "Where alarms are told."
  type        = string
}

variable "balancer" {
  description = "Names by which metrics know the load balancer and its targets."
  type        = object({ metric = string, target_metric = string })
}

variable "cluster" {
  description = "Name of the ECS cluster."
  type        = string
}

variable "services" {
  description = "Services by process: their names and how many tasks each has at least."
  type        = map(object({ name = string, least = number }))
}

variable "database" {
  description = "The database instance: its name, its memory and storage in GiB, its connections."
  type        = object({ identifier = string, memory_gb = number, storage_gb = number, connections = number })
}

variable "cache_nodes" {
  description = "Nodes of the cache by name."
  type        = list(string)
}

variable "queues" {
  description = "Names of the queue of events and of the one for messages put aside."
  type        = object({ events = string, dead = string })
}

variable "availability" {
  description = "The promise, as a share of requests that don't fail on our side. docs/operations/slo.md."
  type        = number
  default     = 0.999

  validation {
    condition     = var.availability >= 0.9 && var.availability < 1
    error_message = "Between 0.9 and 1."
  }
}

variable "read_seconds" {
  description = "Seconds within which 95 of 100 requests are answered."
  type        = number
  default     = 0.5
}
