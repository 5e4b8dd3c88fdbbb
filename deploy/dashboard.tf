# The day on one page, for those who want one: its outcome and counts from the log, then queues, failures and times.

locals {
  # Widgets in rows of two, each half as wide as the page.
  widgets = [
    {
      type = "log"
      properties = {
        title = "Outcome of each day"
        query = "SOURCE '${aws_cloudwatch_log_group.function["pynvest-lambda-dedup-financial-data-for-spec-ativos"].name}' | fields day, whole, message | filter ispresent(whole) | sort @timestamp desc | limit 14"
        view  = "table"
      }
    },
    {
      type = "metric"
      properties = {
        title = "State machine"
        stat  = "Sum"
        metrics = [
          for metric in ["ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut"] :
          ["AWS/States", metric, "StateMachineArn", aws_sfn_state_machine.dedup.arn]
        ]
      }
    },
    {
      type = "metric"
      properties = {
        title   = "Tickers to be read"
        stat    = "Maximum"
        metrics = [for queue in aws_sqs_queue.tickers : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name]]
      }
    },
    {
      type = "metric"
      properties = {
        title   = "Lost unless given again"
        stat    = "Maximum"
        metrics = [for name in values(local.dead_queues) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name]]
      }
    },
    {
      type = "log"
      properties = {
        title = "Why tickers were not read"
        query = "${join(" | ", [for class in ["acoes", "fiis"] : "SOURCE '${aws_cloudwatch_log_group.function["pynvest-lambda-get-financial-data-for-${class}"].name}'"])} | filter ispresent(Failures) | stats sum(Failures) as failures by Cause, bin(1d) as day | sort day desc"
        view  = "table"
      }
    },
    {
      type = "metric"
      properties = {
        title   = "Invocations that failed"
        stat    = "Sum"
        metrics = [for function in aws_lambda_function.this : ["AWS/Lambda", "Errors", "FunctionName", function.function_name]]
      }
    },
  ]
}

resource "aws_cloudwatch_dashboard" "day" {
  count = var.flag_create_dashboard ? 1 : 0

  dashboard_name = "${var.name_prefix}pynvest"
  dashboard_body = jsonencode({
    start = "-P14D"
    widgets = [
      for place, widget in local.widgets : {
        type       = widget.type
        x          = 12 * (place % 2)
        y          = 6 * floor(place / 2)
        width      = 12
        height     = 6
        properties = merge(widget.properties, { region = local.region })
      }
    ]
  })
}
