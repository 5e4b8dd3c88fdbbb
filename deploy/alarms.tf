# What tells that a day went wrong: four alarms where there is a topic for them, and ten warnings of what may have healed by
# itself where there is one for those. An alarm that tells nobody costs as much.

locals {
  # The most days from one day of the schedule to the next; a week if it does not go by days of the week.
  run_weekdays = coalescelist(local.schedule.dedup.weekdays, [1])
  longest_pause = max([
    for day in local.run_weekdays : min([for further in range(1, 8) : further if contains(local.run_weekdays, (day + further - 1) % 7 + 1)]...)
  ]...)
  no_whole_day_hours = coalesce(var.no_whole_day_hours, min(24 * local.longest_pause + 2, 7 * 24))

  # The three queues in which lies what nobody works on any more.
  dead_queues = {
    acoes  = aws_sqs_queue.dead_letters["acoes"].name
    fiis   = aws_sqs_queue.dead_letters["fiis"].name
    events = aws_sqs_queue.dead_events.name
  }

  # Alarms on one metric that is counted in five minutes: any is one too many.
  alarms_of_the_day = {
    "${local.state_machine_name}-failed" = {
      description = "The state machine failed: the queues were not drained in time, a deduplication failed, or the day is not whole. The cause of the execution says which."
      namespace   = "AWS/States"
      metric_name = "ExecutionsFailed"
      dimensions  = { StateMachineArn = aws_sfn_state_machine.dedup.arn }
    }
    "${var.name_prefix}pynvest-findings" = {
      description = "A day differs from the last one as no ordinary day does: a column is empty, rows are lost, a label is new. The log of dedup says what."
      namespace   = "pynvest"
      metric_name = "Findings"
      dimensions  = { Function = aws_lambda_function.this["pynvest-lambda-dedup-financial-data-for-spec-ativos"].function_name }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "day" {
  for_each = { for name, alarm in local.alarms_of_the_day : name => alarm if length(var.alarm_topic_arns) > 0 }

  alarm_name          = each.key
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric_name
  dimensions          = each.value.dimensions
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  tags                = var.module_default_tags
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  count = length(var.alarm_topic_arns) > 0 ? 1 : 0

  alarm_name          = "${var.name_prefix}pynvest-dead-letters"
  alarm_description   = "Lost unless given again: tickers or events that no attempt could serve, in ${join(", ", values(local.dead_queues))}. The log of the function says why."
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  tags                = var.module_default_tags

  metric_query {
    id          = "all"
    expression  = "SUM(METRICS())"
    label       = "Messages in the three queues"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.dead_queues
    content {
      id = metric_query.key
      metric {
        namespace   = "AWS/SQS"
        metric_name = "ApproximateNumberOfMessagesVisible"
        dimensions  = { QueueName = metric_query.value }
        period      = 300
        stat        = "Maximum"
      }
    }
  }
}

# The one that also notices a day that never started. Hours, not one period of a day: a run that ends a little later than
# the last one is no failure; two hours more without a whole day are.
resource "aws_cloudwatch_metric_alarm" "no_whole_day" {
  count = length(var.alarm_topic_arns) > 0 ? 1 : 0

  alarm_name          = "${var.name_prefix}pynvest-no-whole-day"
  alarm_description   = "No day was whole for ${local.no_whole_day_hours} hours: the state machine has not succeeded. Before the first day has ended this alarm is on."
  namespace           = "AWS/States"
  metric_name         = "ExecutionsSucceeded"
  dimensions          = { StateMachineArn = aws_sfn_state_machine.dedup.arn }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = local.no_whole_day_hours
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_topic_arns
  tags                = var.module_default_tags

  lifecycle {
    precondition {
      condition     = local.no_whole_day_hours >= min(24 * local.longest_pause + 1, 7 * 24)
      error_message = "no_whole_day_hours is ${local.no_whole_day_hours}, but the schedule pauses for ${24 * local.longest_pause} hours: the alarm would be on in every pause."
    }
  }
}

# Warnings, one for each function, so that the name says which: a failure is tried again. What no attempt could serve is in a
# dead-letter queue, the queue of dead events, or the cause of the state machine, and those have alarms of their own.
resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = { for name, function in aws_lambda_function.this : name => function.function_name if length(var.warning_topic_arns) > 0 }

  alarm_name          = "${each.value}-errors"
  alarm_description   = "A warning: invocations of ${each.value} that failed, and are tried again. Healed by itself unless another alarm is on. Its log says why."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = each.value }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.warning_topic_arns
  tags                = var.module_default_tags
}
