# What tells that a day went wrong: six alarms, and ten warnings of what may have healed by itself. Without a topic they only
# change their state.

locals {
  alarm_actions   = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
  warning_actions = var.warning_topic_arn == null ? [] : [var.warning_topic_arn]

  # The most days from one day of the schedule to the next; a week if it does not go by days of the week.
  run_weekdays = coalescelist(local.schedule.dedup.weekdays, [1])
  longest_pause = max([
    for day in local.run_weekdays : min([for further in range(1, 8) : further if contains(local.run_weekdays, (day + further - 1) % 7 + 1)]...)
  ]...)
  no_spec_rows_hours = coalesce(var.no_spec_rows_hours, min(24 * local.longest_pause + 2, 7 * 24))
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  for_each = aws_sqs_queue.dead_letters

  alarm_name          = "${each.value.name}-not-empty"
  alarm_description   = "Lost unless redriven: tickers that could not be read in ${local.max_receive_count} attempts. The function's log says why; redrive the queue to try again."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.value.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  tags                = var.module_default_tags
}

resource "aws_cloudwatch_metric_alarm" "dead_events" {
  alarm_name          = "${aws_sqs_queue.dead_events.name}-not-empty"
  alarm_description   = "Lost unless given again: events that a function could not serve in three attempts. Each message names the function and has the event and the failure."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_events.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  tags                = var.module_default_tags
}

# Warnings, one for each function, so that the name says which: a failure is tried again. What no attempt could serve is in a
# dead-letter queue, the queue of dead events, or the cause of the state machine, and those have alarms of their own.
resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = aws_lambda_function.this

  alarm_name          = "${each.value.function_name}-errors"
  alarm_description   = "A warning: invocations of ${each.value.function_name} that failed, and are tried again. Healed by itself unless another alarm is on. Its log says why."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = each.value.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.warning_actions
  tags                = var.module_default_tags
}

resource "aws_cloudwatch_metric_alarm" "state_machine" {
  alarm_name          = "${local.state_machine_name}-failed"
  alarm_description   = "The state machine failed: the queues were not drained in time, a deduplication failed, or the day is not whole. The cause of the execution says which."
  namespace           = "AWS/States"
  metric_name         = "ExecutionsFailed"
  dimensions          = { StateMachineArn = aws_sfn_state_machine.dedup.arn }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  tags                = var.module_default_tags
}

resource "aws_cloudwatch_metric_alarm" "findings" {
  alarm_name          = "${var.name_prefix}pynvest-findings"
  alarm_description   = "A day differs from the last one as no ordinary day does: a column is empty, rows are lost, a label is new. The log of dedup says what."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  tags                = var.module_default_tags

  metric_query {
    id          = "findings"
    expression  = "SUM(METRICS())"
    label       = "Findings"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { acoes = "tbsot_fundamentus_indicadores_acoes_prep", fiis = "tbsot_fundamentus_indicadores_fiis_prep" }
    content {
      id = metric_query.key
      metric {
        namespace   = "pynvest"
        metric_name = "Findings"
        dimensions = {
          Function = aws_lambda_function.this["pynvest-lambda-dedup-financial-data-for-${metric_query.key}"].function_name
          Table    = metric_query.value
        }
        period = 300
        stat   = "Sum"
      }
    }
  }
}

# The one that also notices a day that never started. Hours, not one period of a day: a run that ends a little later than
# the last one is no failure; two hours more without rows are.
resource "aws_cloudwatch_metric_alarm" "no_spec_rows" {
  alarm_name        = "${var.name_prefix}pynvest-no-spec-rows-today"
  alarm_description = "No rows were written to Spec for ${local.no_spec_rows_hours} hours. Before the first day has ended this alarm is on."
  namespace         = "pynvest"
  metric_name       = "RowsWritten"
  dimensions = {
    Function = aws_lambda_function.this["pynvest-lambda-dedup-financial-data-for-spec-ativos"].function_name
    Table    = "tbspec_fundamentus_cotacao_ativos"
  }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = local.no_spec_rows_hours
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = local.alarm_actions
  tags                = var.module_default_tags

  lifecycle {
    precondition {
      condition     = local.no_spec_rows_hours >= min(24 * local.longest_pause + 1, 7 * 24)
      error_message = "no_spec_rows_hours is ${local.no_spec_rows_hours}, but the schedule pauses for ${24 * local.longest_pause} hours: the alarm would be on in every pause."
    }
  }
}
