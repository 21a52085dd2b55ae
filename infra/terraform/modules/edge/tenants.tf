# Organizations with domains of their own, and those beyond what pools can hold: distribution tenants of one multi-tenant
# distribution. A film is opened there by two things at once: a signature of the shared key group, and a token that the
# function looks up in a store of the organizations' secrets. Both are written by the product (media.edge), while it runs.
#
# The provider has no multi-tenant distribution; CloudFormation does. A change of this template takes the key groups out of
# it; the product puts them back at its next look, ten minutes later at most.

resource "aws_cloudfront_key_value_store" "secrets" {
  name    = "${var.name}-media-secrets"
  comment = "What the token function looks up."
}

resource "aws_cloudfront_function" "media_token" {
  name                         = "${var.name}-media-token"
  comment                      = "Serves films by a token of the organization."
  runtime                      = "cloudfront-js-2.0"
  publish                      = true
  code                         = file("${local.product_functions}/media_token.js")
  key_value_store_associations = [aws_cloudfront_key_value_store.secrets.arn]
}

locals {
  read_only = {
    ViewerProtocolPolicy = "redirect-to-https"
    AllowedMethods       = ["GET", "HEAD"]
    CachedMethods        = ["GET", "HEAD"]
    CachePolicyId        = local.cache_by_path
  }

  to_the_application = {
    TargetOriginId        = local.origin_app
    AllowedMethods        = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    CachedMethods         = ["GET", "HEAD"]
    Compress              = true
    CachePolicyId         = local.cache_nothing
    OriginRequestPolicyId = local.all_that_viewer
    FunctionAssociations  = [{ EventType = "viewer-request", FunctionARN = aws_cloudfront_function.front_door.arn }]
  }

  template = {
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "Multi-tenant distribution of ${var.name}."
    Resources = {
      Distribution = {
        Type = "AWS::CloudFront::Distribution"
        Properties = {
          DistributionConfig = {
            Comment        = "${var.name}: organizations with domains of their own"
            Enabled        = true
            HttpVersion    = "http2and3"
            ConnectionMode = "tenant-only"
            WebACLId       = aws_wafv2_web_acl.this.arn
            ViewerCertificate = {
              AcmCertificateArn      = var.certificate_arn
              MinimumProtocolVersion = "TLSv1.2_2021"
              SslSupportMethod       = "sni-only"
            }
            Origins = [
              {
                Id         = local.origin_app
                DomainName = var.origin_host
                VpcOriginConfig = {
                  VpcOriginId            = aws_cloudfront_vpc_origin.app.id
                  OriginKeepaliveTimeout = 60
                  OriginReadTimeout      = 60
                }
              },
              {
                Id                    = local.origin_media
                DomainName            = var.media_host
                OriginAccessControlId = aws_cloudfront_origin_access_control.media.id
                S3OriginConfig        = { OriginAccessIdentity = "" }
              },
            ]
            DefaultCacheBehavior = merge(local.to_the_application, { ViewerProtocolPolicy = "redirect-to-https" })
            CacheBehaviors = concat(
              [for path in local.programs : merge(local.to_the_application, { PathPattern = path, ViewerProtocolPolicy = "https-only" })],
              [for path in sort(keys(local.public_behaviours)) : merge(local.read_only, {
                PathPattern             = path
                TargetOriginId          = local.origin_media
                Compress                = true
                ResponseHeadersPolicyId = aws_cloudfront_response_headers_policy.this["${local.public_behaviours[path].kind}-any-host"].id
                FunctionAssociations = local.public_behaviours[path].function == null ? [] : [
                  { EventType = "viewer-request", FunctionARN = local.public_behaviours[path].function },
                ]
              })],
              [merge(local.read_only, {
                PathPattern             = local.pattern.path
                TargetOriginId          = local.origin_app
                Compress                = false
                ResponseHeadersPolicyId = aws_cloudfront_response_headers_policy.this["media-any-host"].id
                FunctionAssociations    = [{ EventType = "viewer-request", FunctionARN = aws_cloudfront_function.media_token.arn }]
              })],
            )
          }
        }
      }
    }
    Outputs = { Id = { Value = { Ref = "Distribution" } } }
  }
}

resource "aws_cloudformation_stack" "tenants" {
  #checkov:skip=CKV_AWS_124:changed by Terraform alone, which waits for it
  provider = aws.us_east_1

  name          = "${var.name}-distribution-tenants"
  template_body = jsonencode(local.template)
}
