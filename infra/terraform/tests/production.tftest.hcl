mock_provider "aws" {
  source = "./mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./mocks"
}

# What the status page's second name is made of has ids of its own, so that sharing shows.
mock_provider "aws" {
  alias  = "status"
  source = "./mocks-status"
}

# For what is only planned: a bucket that nobody may delete could not be taken away after the test.
mock_provider "aws" {
  alias           = "planned"
  source          = "./mocks"
  override_during = plan
}

variables {
  account_id         = "123456789012"
  region             = "eu-central-1"
  availability_zones = ["eu-central-1a", "eu-central-1b"]

  hosts = {
    site           = "www.lms.example"
    staff          = "staff.lms.example"
    tenant_suffix  = "schools.example"
    content_suffix = "content.example"
  }
  zones = {
    "lms.example"     = "Z00000000000000000001"
    "schools.example" = "Z00000000000000000002"
    "content.example" = "Z00000000000000000003"
  }

  mail_reports    = "postmaster@lms.example"
  alarm_addresses = ["operations@lms.example"]
  image           = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/lms@sha256:0000000000000000000000000000000000000000000000000000000000000000"

  security_contact = "mailto:security@lms.example"
  canary           = { host = "canary.schools.example", email = "learner@canary.example" }

  status        = { host = "status.page.example", zone_id = "Z00000000000000000009" }
  status_region = "eu-west-1"
}

run "production" {
  module {
    source = "../environments/production"
  }

  # The front distribution is another one than the pools: who may touch which shows.
  override_resource {
    target = module.cell.module.edge.aws_cloudfront_distribution.front
    values = {
      arn            = "arn:aws:cloudfront::123456789012:distribution/EFRONT"
      id             = "EFRONT"
      domain_name    = "dfront.cloudfront.net"
      hosted_zone_id = "Z2FDTNDATAQYW2"
    }
  }

  override_resource {
    target = module.status[0].aws_acm_certificate.this
    values = {
      arn = "arn:aws:acm:us-east-1:123456789012:certificate/status"
      domain_validation_options = [
        { domain_name = "status.page.example", resource_record_name = "_f.status.page.example", resource_record_type = "CNAME", resource_record_value = "f" },
      ]
    }
  }

  override_resource {
    target = module.status[0].aws_acm_certificate_validation.this
    values = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/status" }
  }

  override_resource {
    target = module.status[0].aws_wafv2_web_acl.this
    values = { arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/status/1" }
  }

  # -- least privilege -------------------------------------------------------------------------------------------------

  assert {
    condition = alltrue(flatten([
      for text in values(output.policies) : [
        for statement in jsondecode(text).Statement : [
          for action in flatten([statement.Action]) : length(regexall("\\*", action)) == 0
        ]
      ]
    ]))
    error_message = "Actions are named one by one."
  }

  assert {
    condition = alltrue(flatten([
      for place, text in output.policies : [
        for statement in jsondecode(text).Statement :
        startswith(place, "key of ") || !contains(flatten([statement.Resource]), "*") || contains(["RegistryLogin", "KeysAndGroups", "JobsOfTheAccount"], try(statement.Sid, ""))
      ]
    ]))
    error_message = "Resources are named, but where AWS has no resource level."
  }

  assert {
    condition     = !strcontains(output.policies["task web"], "cloudfront") && !strcontains(output.policies["task web"], "mediaconvert")
    error_message = "The web tasks change no distribution and start no encode."
  }

  assert {
    condition     = !strcontains(output.policies["task transcoder"], "/p/*") && !strcontains(output.policies["task provisioner"], "/t/*")
    error_message = "Each task reaches the objects of its own work."
  }

  assert {
    condition = alltrue([
      for name, text in output.containers :
      strcontains(text, "LMS_OWNER_DATABASE_URL") == contains(["provisioner", "archivist", "migrate", "prepare", "administer"], name)
    ])
    error_message = "The owner's login is with those who make and drop schemas, and nobody else."
  }

  # -- nothing public --------------------------------------------------------------------------------------------------

  assert {
    condition = alltrue(flatten([
      for place, text in output.policies : [
        for statement in jsondecode(text).Statement :
        statement.Effect == "Deny" || can(statement.Principal.Service) == can(statement.Condition) || !startswith(place, "bucket ")
      ]
    ]))
    error_message = "Buckets are opened to services of this account alone."
  }

  assert {
    condition     = !strcontains(output.policies["bucket media"], "/t/*/in/*") && !strcontains(output.policies["bucket media"], "/t/*/x/*")
    error_message = "What people uploaded, and archives, are never served."
  }

  # -- everything encrypted --------------------------------------------------------------------------------------------

  assert {
    condition = alltrue([
      for place in ["media", "delivery"] : anytrue([
        for statement in jsondecode(output.policies["bucket ${place}"]).Statement :
        statement.Effect == "Deny" && statement.Condition == { Bool = { "aws:SecureTransport" = "false" } }
      ])
    ])
    error_message = "No bucket is reached in the clear."
  }

  assert {
    condition     = alltrue([for text in values(output.containers) : jsondecode(text)[0].readonlyRootFilesystem])
    error_message = "No container writes its own root."
  }

  assert {
    condition     = length(output.alarms) >= 40
    error_message = "Alarms for what AWS itself can see, for every promise, and for what wakes somebody."
  }

  # -- as many as are needed -------------------------------------------------------------------------------------------

  assert {
    condition = { for name, service in output.scaling : name => join(" ", service.after) } == {
      web         = "cpu requests"
      worker      = "cpu waiting"
      transcoder  = "waiting"
      dispatcher  = ""
      provisioner = ""
      archivist   = ""
      monitor     = ""
    }
    error_message = "The web grows by processor and requests, workers by what waits; the others stay at their number."
  }
}

# -- a release, on what stands: tests/infra looks at what each plan changes ------------------------------------------------

run "the_next_image_is_prepared" {
  command = plan

  module {
    source = "../environments/production"
  }

  variables {
    next_image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/lms@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  }

  assert {
    condition = alltrue([
      for name, text in output.containers :
      strcontains(text, "sha256:1111") == contains(["migrate", "prepare", "manage", "administer"], name)
    ])
    error_message = "The next image is that of the one-off tasks, and of nothing that serves."
  }
}

run "the_next_image_serves" {
  command = plan

  module {
    source = "../environments/production"
  }

  variables {
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/lms@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  }

  assert {
    condition     = alltrue([for text in values(output.containers) : strcontains(text, "sha256:1111")])
    error_message = "Every process runs it."
  }
}

# -- what GitHub's workflows may -----------------------------------------------------------------------------------------

run "bootstrap" {
  command   = plan
  providers = { aws = aws.planned }

  module {
    source = "../bootstrap"
  }

  variables {
    repository = "school/lms"
  }

  assert {
    condition     = keys(output.workflow_variables.environments) == ["production", "staging"]
    error_message = "A GitHub environment for each of ours."
  }
}

# -- without a learner to walk as ------------------------------------------------------------------------------------------

run "nobody_to_walk_as" {
  command = plan

  module {
    source = "../environments/production"
  }

  variables {
    canary = null
    status = null
  }

  assert {
    condition     = !contains(keys(output.containers), "monitor") && !anytrue([for name in output.alarms : strcontains(name, "Journey")])
    error_message = "There is no monitor, and nobody waits for its word."
  }
}

# -- without a second name of the status page -----------------------------------------------------------------------------

run "one_name_only" {
  command = plan

  plan_options {
    target = [module.cell.module.service.aws_iam_role_policy.task, module.cell.module.service.aws_ecs_task_definition.this]
  }

  module {
    source = "../environments/production"
  }

  variables {
    status = null
  }
}

# -- what is refused ---------------------------------------------------------------------------------------------------

run "an_image_by_tag_and_settings_that_are_none" {
  command = plan

  plan_options {
    target = [module.cell.module.service.aws_ecs_task_definition.this]
  }

  module {
    source = "../environments/production"
  }

  variables {
    image    = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/lms:latest"
    settings = { DATABASE_PASSWORD = "x" }
    status   = { host = "status.schools.example", zone_id = "Z00000000000000000002" }
  }

  expect_failures = [var.image, var.settings, var.status]
}

run "a_second_name_without_a_region_of_its_own" {
  command = plan

  plan_options {
    target = [module.cell.module.service.aws_ecs_task_definition.this]
  }

  module {
    source = "../environments/production"
  }

  variables {
    status_region = "eu-central-1"
  }

  expect_failures = [var.status]
}
