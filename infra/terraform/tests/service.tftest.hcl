# The processes alone: what a plan changes once they stand. tests/infra looks at it.

mock_provider "aws" {
  source = "./mocks"
}

variables {
  name               = "lms-test"
  account_id         = "123456789012"
  region             = "eu-central-1"
  image              = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/lms@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  vpc_id             = "vpc-1"
  subnet_ids         = ["subnet-1", "subnet-2"]
  security_group_ids = { balancer = "sg-1", web = "sg-2", jobs = "sg-3", transcoder = "sg-4", monitor = "sg-5" }
  certificate_arn    = "arn:aws:acm:eu-central-1:123456789012:certificate/mock"
  web_port           = 8000
  canary             = { host = "canary.schools.example", email = "learner@canary.example" }
  environment        = { LMS_CELL = "lms-test" }
  log_key_arn        = "arn:aws:kms:eu-central-1:123456789012:key/mock"
  log_retention_days = 30
  protected          = false

  sizes = {
    web         = { cpu = 512, memory = 1024, least = 2, most = 2 }
    worker      = { cpu = 256, memory = 1024, least = 1, most = 2 }
    dispatcher  = { cpu = 256, memory = 512, least = 1, most = 1 }
    provisioner = { cpu = 256, memory = 512, least = 1, most = 1 }
    archivist   = { cpu = 256, memory = 1024, least = 1, most = 1 }
    transcoder  = { cpu = 1024, memory = 2048, least = 1, most = 2 }
    monitor     = { cpu = 256, memory = 512, least = 1, most = 1 }
  }

  database = {
    host              = "mock.rds.amazonaws.com"
    master_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds-mock"
    key_arn           = "arn:aws:kms:eu-central-1:123456789012:key/mock"
  }
  media = {
    bucket_arn   = "arn:aws:s3:::media"
    delivery_arn = "arn:aws:s3:::delivery"
    key_arn      = "arn:aws:kms:eu-central-1:123456789012:key/mock"
  }
  edge = { distribution_arns = [], forget_arns = [], key_store_arns = [] }
  transcoding = {
    queue_arn      = "arn:aws:mediaconvert:eu-central-1:123456789012:queues/mock"
    role_arn       = "arn:aws:iam::123456789012:role/mock"
    events_arn     = "arn:aws:sqs:eu-central-1:123456789012:events"
    events_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/mock"
  }
}

run "processes" {
  module {
    source = "../modules/service"
  }

  assert {
    condition = { for name, service in output.scaling : name => join(" ", service.after) } == {
      web         = ""
      worker      = "cpu waiting"
      transcoder  = "waiting"
      dispatcher  = ""
      provisioner = ""
      archivist   = ""
      monitor     = ""
    }
    error_message = "What stays at its number is scaled by nothing, the web included."
  }
}

run "more_of_what_stays_at_its_number" {
  command = plan

  module {
    source = "../modules/service"
  }

  variables {
    sizes = {
      web         = { cpu = 512, memory = 1024, least = 3, most = 3 }
      worker      = { cpu = 256, memory = 1024, least = 1, most = 2 }
      dispatcher  = { cpu = 256, memory = 512, least = 1, most = 1 }
      provisioner = { cpu = 256, memory = 512, least = 1, most = 1 }
      archivist   = { cpu = 256, memory = 1024, least = 2, most = 2 }
      transcoder  = { cpu = 1024, memory = 2048, least = 1, most = 2 }
      monitor     = { cpu = 256, memory = 512, least = 1, most = 1 }
    }
  }
}
