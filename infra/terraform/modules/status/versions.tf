terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 6.0"
      # CloudFront takes certificates and web ACLs of this region only; the bucket is wherever `aws` is.
      configuration_aliases = [aws.us_east_1]
    }
  }
}
