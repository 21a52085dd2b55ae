variable "name" {
  description = "Prefix of every name."
  type        = string

  validation {
    condition     = length(var.name) <= 24
    error_message = "24 characters at most: load balancers and target groups take 32."
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

variable "image" {
  description = "The image that serves, by digest."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name it by digest (…@sha256:…): a tag may be another image tomorrow."
  }
}

variable "next_image" {
  description = "The image of the one-off tasks (migrate, prepare, manage, administer): during a release the next one, which prepares the database while `image` still serves. Empty: the same."
  type        = string
  default     = ""

  validation {
    condition     = var.next_image == "" || can(regex("@sha256:[0-9a-f]{64}$", var.next_image))
    error_message = "Name it by digest (…@sha256:…)."
  }
}

variable "serving" {
  description = "Whether the services run. False only the first time, until secrets and database are there."
  type        = bool
  default     = true
}

variable "vpc_id" {
  description = "The network."
  type        = string

  validation {
    condition     = length(var.vpc_id) > 0
    error_message = "It must not be empty."
  }
}

variable "subnet_ids" {
  description = "Subnets of the tasks and of the load balancer."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "Two at least."
  }
}

variable "security_group_ids" {
  description = "Security groups by name: balancer, web, jobs, transcoder, monitor."
  type        = map(string)

  validation {
    condition     = length(setsubtract(["balancer", "web", "jobs", "transcoder", "monitor"], keys(var.security_group_ids))) == 0
    error_message = "balancer, web, jobs, transcoder and monitor."
  }
}

variable "certificate_arn" {
  description = "Certificate of the load balancer."
  type        = string

  validation {
    condition     = startswith(var.certificate_arn, "arn:aws:")
    error_message = "An ARN."
  }
}

variable "web_port" {
  description = "Port of the web tasks."
  type        = number

  validation {
    condition     = var.web_port >= 1024 && var.web_port <= 65535
    error_message = "1024 to 65535: the tasks are nobody in particular."
  }
}

variable "sizes" {
  description = "Of each process: CPU units (1024 are a core), MiB of memory, GiB of disk, and how many there are at least and at most."
  type = map(object({
    cpu    = number
    memory = number
    disk   = optional(number, 21)
    least  = number
    most   = number
  }))

  validation {
    condition     = length(setsubtract(["web", "worker", "provisioner", "archivist", "transcoder", "dispatcher", "monitor"], keys(var.sizes))) == 0
    error_message = "Sizes of web, worker, provisioner, archivist, transcoder, dispatcher and monitor."
  }

  validation {
    condition     = alltrue([for size in values(var.sizes) : size.least >= 1 && size.most >= size.least])
    error_message = "At least one of each, and at most not fewer than at least."
  }

  validation {
    condition     = alltrue([for size in values(var.sizes) : contains([256, 512, 1024, 2048, 4096, 8192, 16384], size.cpu) && size.memory >= size.cpu && size.disk >= 21 && size.disk <= 200])
    error_message = "CPU units as Fargate has them, a MiB or more for each, 21 to 200 GiB of disk."
  }
}

variable "requests_per_core" {
  description = "Requests a second that a core of the web answers in time, as measured: docs/operations/capacity.md."
  type        = number
  default     = 100

  validation {
    condition     = var.requests_per_core >= 10 && var.requests_per_core <= 1000
    error_message = "10 to 1000."
  }
}

variable "canary" {
  description = "The learner whom the monitor walks as: the organization's host and the learner's mail address. Null: nobody walks."
  type        = object({ host = string, email = string })
  default     = null

  validation {
    condition     = var.canary == null ? true : can(regex("^[a-z0-9.-]+$", var.canary.host)) && can(regex("^[^@ ]+@[^@ ]+$", var.canary.email))
    error_message = "A host name and a mail address."
  }
}

variable "status" {
  description = "Where the monitor writes the status page for its second name: address of the bucket, its one object, the object's key. Null: nowhere."
  type        = object({ url = string, object_arn = string, key_arn = string })
  default     = null

  validation {
    condition     = var.status == null ? true : startswith(var.status.url, "https://") && startswith(var.status.object_arn, "arn:aws:s3:::") && startswith(var.status.key_arn, "arn:aws:kms:")
    error_message = "https://…, and ARNs."
  }
}

variable "environment" {
  description = "Settings of every process, LMS_…: nothing secret among them."
  type        = map(string)

  validation {
    condition     = alltrue([for name in keys(var.environment) : !can(regex("SECRET|PASSWORD|TOKEN|KEK|DATABASE_URL|REDIS_URL|SMTP_URL", name))])
    error_message = "Secrets come from Secrets Manager."
  }
}

variable "database" {
  description = "Host of PostgreSQL, and where RDS keeps the master's password with the key that opens it. Only the task that makes the logins is given them."
  type        = object({ host = string, master_secret_arn = string, key_arn = string })

  validation {
    condition     = length(var.database.host) > 0 && startswith(var.database.key_arn, "arn:aws:")
    error_message = "A host, and ARNs."
  }
}

variable "media" {
  description = "ARNs of the bucket of films, of the bucket of delivery records, and of their key."
  type        = object({ bucket_arn = string, delivery_arn = string, key_arn = string })

  validation {
    condition     = alltrue([for arn in values(var.media) : startswith(arn, "arn:aws:")])
    error_message = "ARNs."
  }
}

variable "edge" {
  description = "What of CloudFront the product may change: distributions, those that may be made to forget, and the store of the function's keys. Empty lists: nothing."
  type        = object({ distribution_arns = list(string), forget_arns = list(string), key_store_arns = list(string) })

  validation {
    condition     = alltrue([for arn in flatten(values(var.edge)) : startswith(arn, "arn:aws:")])
    error_message = "ARNs."
  }
}

variable "transcoding" {
  description = "MediaConvert's queue and role, and the queue of its events with its key."
  type        = object({ queue_arn = string, role_arn = string, events_arn = string, events_key_arn = string })

  validation {
    condition     = alltrue([for arn in values(var.transcoding) : startswith(arn, "arn:aws:")])
    error_message = "ARNs."
  }
}

variable "log_key_arn" {
  description = "Key that encrypts the logs."
  type        = string

  validation {
    condition     = startswith(var.log_key_arn, "arn:aws:")
    error_message = "An ARN."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400], var.log_retention_days)
    error_message = "A number that CloudWatch knows: 7, 14, 30, 60, 90, 120, 150, 180, 365 or 400."
  }
}

variable "protected" {
  description = "The load balancer is not deleted, and secrets can be brought back for 30 days."
  type        = bool
}
