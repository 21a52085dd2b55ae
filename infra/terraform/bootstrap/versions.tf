terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

# Applied once, by a person, with the state on that person's machine: it makes the place where all other state is kept.
provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = { product = "lms", environment = "all", managed-by = "terraform" }
  }
}
