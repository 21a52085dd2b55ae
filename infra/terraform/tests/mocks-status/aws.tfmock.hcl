# What AWS would answer where the status page's second name is kept: nothing of it is called as anything of the product's.

mock_resource "aws_cloudfront_distribution" {
  defaults = {
    arn            = "arn:aws:cloudfront::123456789012:distribution/ESTATUS"
    id             = "ESTATUS"
    domain_name    = "dstatus.cloudfront.net"
    hosted_zone_id = "Z2FDTNDATAQYW2"
  }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-west-1:123456789012:key/status" }
}

mock_resource "aws_s3_bucket" {
  defaults = {
    arn                         = "arn:aws:s3:::status"
    bucket_regional_domain_name = "status.s3.eu-west-1.amazonaws.com"
  }
}
