locals {
  queue_names = {
    acoes = coalesce(var.sqs_tickers_acoes_queue_name, "${var.name_prefix}pynvest-tickers-acoes-queue")
    fiis  = coalesce(var.sqs_tickers_fiis_queue_name, "${var.name_prefix}pynvest-tickers-fiis-queue")
  }
  queue_arns = {
    for class, name in local.queue_names : class => "arn:${local.partition}:sqs:${local.region}:${local.account_id}:${name}"
  }

  dead_letter_arns = [for arn in values(local.queue_arns) : "${arn}-dlq"]

  dead_events_name = "${var.name_prefix}pynvest-events-dlq"
  dead_events_arn  = "arn:${local.partition}:sqs:${local.region}:${local.account_id}:${local.dead_events_name}"

  # A message that was read so often in vain goes to the dead-letter queue.
  max_receive_count = 3
}

# Events that no attempt of an asynchronous function could serve.
resource "aws_sqs_queue" "dead_events" {
  name = local.dead_events_name
  # The longest there is.
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  kms_master_key_id         = var.kms_key_arn
  tags                      = var.module_default_tags
}

resource "aws_sqs_queue" "tickers" {
  for_each = local.queue_names

  name                       = each.value
  visibility_timeout_seconds = var.sqs_visibility_timeout_seconds
  message_retention_seconds  = var.sqs_message_retention_seconds
  receive_wait_time_seconds  = 20 # the longest there is: fewer requests
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  kms_master_key_id          = var.kms_key_arn
  tags                       = var.module_default_tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[each.key].arn
    maxReceiveCount     = local.max_receive_count
  })
}

resource "aws_sqs_queue" "dead_letters" {
  for_each = local.queue_names

  name = "${each.value}-dlq"
  # The longest there is: a message keeps the age it had in its first queue.
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  kms_master_key_id         = var.kms_key_arn
  tags                      = var.module_default_tags

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arns[each.key]]
  })
}
