# A second copy of the lake next to the first, with one bucket and one database for all layers, a key and a topic of its
# own, and EventBridge instead of bucket notifications. The package is next to this file.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  type        = string
  description = "Where to deploy."
  default     = "sa-east-1"
}

variable "bucket" {
  type        = string
  description = "Name of the bucket to create."
}

variable "email" {
  type        = string
  description = "Address that alarms write to; it has to confirm the subscription."
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

resource "aws_kms_key" "lake" {
  description             = "The lake of pynvest: its bucket, queues, logs and topic"
  enable_key_rotation     = true
  deletion_window_in_days = 7

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "GovernedByTheIamPoliciesOfTheAccount"
        Effect    = "Allow"
        Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "EncryptTheLogsOfTheFunctions"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:${data.aws_partition.current.partition}:logs:${var.region}:${data.aws_caller_identity.current.account_id}:log-group:/aws/lambda/dev-pynvest-*"
          }
        }
      },
      {
        Sid       = "EncryptWhatAlarmsSay"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_s3_bucket" "lake" {
  bucket = var.bucket
}

resource "aws_s3_bucket_public_access_block" "lake" {
  bucket = aws_s3_bucket.lake.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "lake" {
  bucket = aws_s3_bucket.lake.id

  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.lake.arn
    }
  }
}

resource "aws_s3_bucket_notification" "lake" {
  bucket      = aws_s3_bucket.lake.id
  eventbridge = true
}

resource "aws_sns_topic" "alarms" {
  name              = "dev-pynvest-alarms"
  kms_master_key_id = aws_kms_key.lake.arn
}

resource "aws_sns_topic_subscription" "alarms" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.email
}

module "pynvest" {
  source = "../../"

  name_prefix = "dev-"
  # `bucket` and not `id`: the plan must know the names.
  bucket_names_map = {
    sor  = aws_s3_bucket.lake.bucket
    sot  = aws_s3_bucket.lake.bucket
    spec = aws_s3_bucket.lake.bucket
  }
  # Created in the same apply: the plan would look for it in vain.
  flag_look_up_buckets = false
  databases = {
    sor  = { name = "dev_pynvest" }
    sot  = { name = "dev_pynvest" }
    spec = { name = "dev_pynvest" }
  }

  # 21:30 and 22:00 in São Paulo.
  schedules = {
    check_and_delete = "cron(30 0 * * ? *)"
    dedup            = "cron(0 1 * * ? *)"
  }
  requests_per_second      = 4
  bucket_notification_mode = "eventbridge"
  kms_key_arn              = aws_kms_key.lake.arn
  alarm_topic_arns         = [aws_sns_topic.alarms.arn]
  flag_create_dashboard    = true
  log_retention_days       = 365
  architecture             = "x86_64"
  athena_workgroup         = "primary"
  module_default_tags      = { project = "pynvest", environment = "dev" }
}

output "state_machine" {
  description = "Name and ARN of the state machine."
  value       = module.pynvest.state_machine
}
