locals {
  package_path = coalesce(var.package.path, "${path.root}/pynvest-lambda-${var.architecture}.zip")
  from_s3      = var.package.s3_bucket != null

  # The base64 of a zip that has a file `bootstrap`: its length, 9, and its name after two bytes, at each of the three places
  # that a byte may have in three.
  package_begins  = "UEsDB"
  package_program = "CQ[A-D]..[2GWm]Jvb3RzdHJhc[A-P]|[AQgw]kA..[159BFJNRVZdhlptx]ib290c3RyYX[A-D]|[048AEIMQUYcgkosw]JA[A-P]..Ym9vdHN0cmFw"
  package_is_whole = local.from_s3 || !fileexists(local.package_path) ? true : (
    startswith(filebase64(local.package_path), local.package_begins) && can(regex(local.package_program, filebase64(local.package_path)))
  )

  # The least milliseconds between two requests of one invocation, so that all that may run at once keep the pace together:
  # a tenth more than its share, since a network does not keep the distance between two requests.
  interval_ms = ceil(2.2 * var.sqs_lambda_trigger_max_concurrency * 1000 / var.requests_per_second)

  # The same for all functions; each reads what it needs.
  environment = {
    SOR_BUCKET          = var.bucket_names_map.sor
    SOT_BUCKET          = var.bucket_names_map.sot
    SPEC_BUCKET         = var.bucket_names_map.spec
    SOR_DATABASE        = local.databases.sor
    SOT_DATABASE        = local.databases.sot
    SPEC_DATABASE       = local.databases.spec
    TICKERS_ACOES_QUEUE = aws_sqs_queue.tickers["acoes"].url
    TICKERS_FIIS_QUEUE  = aws_sqs_queue.tickers["fiis"].url

    DEAD_LETTERS_ACOES_QUEUE = aws_sqs_queue.dead_letters["acoes"].url
    DEAD_LETTERS_FIIS_QUEUE  = aws_sqs_queue.dead_letters["fiis"].url

    SITE_URL         = var.site.url
    SITE_INTERVAL_MS = tostring(local.interval_ms)
    MINIMUM_ACOES    = tostring(var.site.minimum_acoes)
    MINIMUM_FIIS     = tostring(var.site.minimum_fiis)
    MESSAGE_HOURS    = tostring(var.message_hours)
    STRICT           = tostring(var.strict)
    WHOLE_PERCENT    = tostring(floor(var.whole_share * 100 + 0.5))
    KEEP_PAGES       = tostring(var.keep_pages)
  }
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${var.name_prefix}${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.module_default_tags
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name = "${var.name_prefix}${each.key}"
  description   = each.value.description
  role          = aws_iam_role.this[each.value.role].arn
  runtime       = "provided.al2023"
  architectures = [var.architecture]
  # One program does the work of all ten, and chooses by this name.
  handler     = trimprefix(each.key, "pynvest-lambda-")
  timeout     = var.functions_timeout
  memory_size = each.value.role == "pynvest-lambda-dedup-financial-data" ? coalesce(var.dedup_memory_size, var.functions_memory_size) : var.functions_memory_size
  tags        = var.module_default_tags

  filename = local.from_s3 ? null : local.package_path
  # A file that is missing has no hash; the output `functions` says that it is missing, in one sentence.
  source_code_hash  = !local.from_s3 && fileexists(local.package_path) ? filebase64sha256(local.package_path) : null
  s3_bucket         = var.package.s3_bucket
  s3_key            = var.package.s3_key
  s3_object_version = var.package.s3_object_version

  environment {
    variables = merge(local.environment, { RUST_LOG = var.log_level })
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function[each.key].name
  }

  # A function that a message or an object may start at once needs its permissions at once.
  depends_on = [aws_iam_role_policy_attachment.this]
}

resource "aws_lambda_event_source_mapping" "tickers" {
  for_each = { for name, function in local.functions : name => function.queue if function.queue != null }

  event_source_arn                   = aws_sqs_queue.tickers[each.value].arn
  function_name                      = aws_lambda_function.this[each.key].arn
  batch_size                         = var.sqs_lambda_trigger_batch_size
  maximum_batching_window_in_seconds = var.sqs_lambda_trigger_batch_window
  # Without it one bad ticker would bring back its whole batch.
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.module_default_tags

  scaling_config {
    maximum_concurrency = var.sqs_lambda_trigger_max_concurrency
  }
}

resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = { for name, function in local.functions : name => function if function.asynchronous }

  function_name          = aws_lambda_function.this[each.key].function_name
  maximum_retry_attempts = 2
  # What could not start for an hour comes too late for the day.
  maximum_event_age_in_seconds = 3600

  destination_config {
    dynamic "on_success" {
      for_each = each.key == "pynvest-lambda-check-and-delete-partitions" ? ["pynvest-lambda-get-tickers"] : []
      content {
        destination = aws_lambda_function.this[on_success.value].arn
      }
    }
    on_failure {
      destination = aws_sqs_queue.dead_events.arn
    }
  }
}
