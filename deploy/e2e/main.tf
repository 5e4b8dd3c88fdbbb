# A caller of the module as a user would write one, with what a test needs to be quick.

terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

# Where AWS is, and the keys, come from the environment.
provider "aws" {
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = "true"
  max_retries                 = 1
}

variable "buckets" {
  type        = object({ sor = string, sot = string, spec = string })
  description = "The buckets of the three layers."
}

variable "databases" {
  type        = map(string)
  description = "The database of each layer; the default names if null."
}

variable "package" {
  type        = map(string)
  description = "The zip with the program: a path, or a bucket and key."
}

variable "site" {
  type        = object({ url = string, minimum_acoes = number, minimum_fiis = number })
  description = "The site."
}

variable "requests_per_second" {
  type        = number
  description = "The pace of the day."
}

variable "notifications" {
  type        = string
  description = "How new objects start functions: managed or eventbridge."
}

variable "iam_path" {
  type        = string
  description = "The path of the roles and policies."
}

data "aws_region" "current" {}

locals {
  # No topic is asked here whether it is there.
  topic = "arn:aws:sns:${data.aws_region.current.id}:123456789012:pynvest"
}

module "pynvest" {
  source = "../"

  bucket_names_map         = var.buckets
  databases                = { for layer, name in coalesce(var.databases, {}) : layer => { name = name } }
  package                  = var.package
  architecture             = "x86_64"
  site                     = var.site
  requests_per_second      = var.requests_per_second
  bucket_notification_mode = var.notifications
  iam_path                 = var.iam_path
  alarm_topic_arns         = [local.topic]
  warning_topic_arns       = [local.topic]
  flag_create_dashboard    = true

  # In the small day of the study of necessity one of four FIIs is set aside.
  whole_share = 0.75

  # A day that midnight has overtaken is read at any hour.
  message_hours = 24

  # The smallest pauses that AWS and the module take; the sizes that matter keep their defaults.
  sqs_lambda_trigger_batch_window = 1
  queue_drain                     = { checks = 60, seconds = 1, settle_seconds = 1 }
}

output "pynvest" {
  value = module.pynvest
}
