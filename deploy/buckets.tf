# The buckets belong to the user. The plan looks for them, because an apply would miss one only after minutes, half done.

data "aws_s3_bucket" "must_exist" {
  for_each = var.flag_look_up_buckets ? toset(values(var.bucket_names_map)) : []

  bucket = each.key

  lifecycle {
    postcondition {
      # In these words with versions 5 and 6 of the provider, which disagree about the name of the attribute of the region.
      condition     = strcontains(self.bucket_regional_domain_name, ".s3.${local.region}.")
      error_message = "The bucket ${each.key} is in another region than this deployment (${local.region}): its address is ${self.bucket_regional_domain_name}. S3 starts functions of its own region only."
    }
  }
}

# Only when asked for: it replaces what the bucket has.
resource "aws_s3_bucket_lifecycle_configuration" "pages" {
  count = var.pages_days == null ? 0 : 1

  bucket = var.bucket_names_map.sor

  rule {
    id     = "${var.name_prefix}pynvest-pages"
    status = "Enabled"
    filter {
      prefix = "_pages/"
    }
    expiration {
      days = var.pages_days
    }
  }
}
