# A new object in SoR starts prep, a new object in SoT starts specialize. Only `*.part.parquet`: what dedup writes starts
# nothing.

locals {
  arrivals = {
    for table, declared in local.tables : table => {
      bucket   = var.bucket_names_map[declared.layer]
      function = declared.starts
      prefix   = "${table}/"
      suffix   = ".part.parquet"
    } if declared.starts != null
  }
  # One for each bucket: S3 keeps a single configuration per bucket, and layers may share one.
  arrivals_by_bucket = {
    for bucket in distinct(values(local.arrivals)[*].bucket) :
    bucket => { for table, arrival in local.arrivals : table => arrival if arrival.bucket == bucket }
  }
  arrivals_by_function = {
    for function in distinct(values(local.arrivals)[*].function) :
    function => { for table, arrival in local.arrivals : table => arrival if arrival.function == function }
  }
}

# One for each function and bucket, under the first of the tables that it is for.
resource "aws_lambda_permission" "bucket" {
  for_each = var.bucket_notification_mode == "eventbridge" ? {} : {
    for table, arrival in local.arrivals : table => arrival
    if table == sort([for other, of_it in local.arrivals : other if of_it == merge(arrival, { prefix = of_it.prefix })])[0]
  }

  statement_id   = each.key
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this[each.value.function].function_name
  principal      = "s3.amazonaws.com"
  source_arn     = "arn:${local.partition}:s3:::${each.value.bucket}"
  source_account = local.account_id
}

resource "aws_s3_bucket_notification" "this" {
  for_each = var.bucket_notification_mode == "managed" ? local.arrivals_by_bucket : {}

  bucket = each.key

  dynamic "lambda_function" {
    for_each = each.value
    content {
      id                  = lambda_function.key
      lambda_function_arn = aws_lambda_function.this[lambda_function.value.function].arn
      events              = ["s3:ObjectCreated:*"]
      filter_prefix       = lambda_function.value.prefix
      filter_suffix       = lambda_function.value.suffix
    }
  }

  # S3 asks Lambda for the permission when the notification is made.
  depends_on = [aws_lambda_permission.bucket]
}

resource "aws_cloudwatch_event_rule" "arrival" {
  for_each = var.bucket_notification_mode == "eventbridge" ? local.arrivals_by_function : {}

  name        = "${var.name_prefix}trigger-${each.key}"
  description = "New objects of ${join(" and ", keys(each.value))}"
  tags        = var.module_default_tags

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = distinct(values(each.value)[*].bucket) }
      object = { key = [for arrival in values(each.value) : { wildcard = "${arrival.prefix}*${arrival.suffix}" }] }
    }
  })
}

resource "aws_cloudwatch_event_target" "arrival" {
  for_each = aws_cloudwatch_event_rule.arrival

  rule = each.value.name
  arn  = aws_lambda_function.this[each.key].arn

  depends_on = [aws_lambda_permission.arrival]
}

resource "aws_lambda_permission" "arrival" {
  for_each = aws_cloudwatch_event_rule.arrival

  statement_id  = "arrival"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.key].function_name
  principal     = "events.amazonaws.com"
  source_arn    = each.value.arn
}
