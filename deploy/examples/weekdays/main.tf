# The lake on the days on which B3 trades, from Monday to Friday, with roles as a governed account wants them and a database
# of SoR that exists already. The package is next to this file.

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
  region = "sa-east-1"
}

variable "buckets" {
  type        = object({ sor = string, sot = string, spec = string })
  description = "Names of the buckets of the three layers; they may be the same."
}

variable "topic_arn" {
  type        = string
  description = "ARN of the SNS topic that alarms notify."
}

variable "permissions_boundary_arn" {
  type        = string
  description = "ARN of the policy that bounds every role of the account. Null: there is none."
  default     = null
}

module "pynvest" {
  source = "../../"

  bucket_names_map = var.buckets

  # 18:45 and 19:00 in São Paulo. The alarm without a whole day follows: it waits from Friday to Monday.
  schedules = {
    check_and_delete = "cron(45 21 ? * MON-FRI *)"
    dedup            = "cron(0 22 ? * MON-FRI *)"
  }

  databases                = { sor = { create = false } }
  alarm_topic_arns         = [var.topic_arn]
  iam_path                 = "/data/"
  permissions_boundary_arn = var.permissions_boundary_arn
}

output "alarms" {
  description = "ARNs of the alarms, by their names."
  value       = module.pynvest.alarms
}
