# A caller that creates the topics in the same apply: the plan does not know their ARNs yet.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

module "pynvest" {
  source = "../../"

  bucket_names_map   = { sor = "lake-sor", sot = "lake-sot", spec = "lake-spec" }
  package            = { s3_bucket = "packages", s3_key = "pynvest-lambda-arm64.zip" }
  alarm_topic_arns   = [aws_sns_topic.alarms.arn]
  warning_topic_arns = [aws_sns_topic.alarms.arn]
}

output "alarms" {
  description = "ARNs of the alarms, by their names."
  value       = module.pynvest.alarms
}
