# The whole lake with defaults, in buckets that exist already. Put pynvest-lambda-arm64.zip of a release next to this file.

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

module "pynvest" {
  source = "../../deploy"

  bucket_names_map = var.buckets
}
