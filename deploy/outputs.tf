# Maps have the default names as keys, whatever the prefix.

output "functions" {
  description = "The ten functions: name and ARN of each."
  value       = { for key, function in aws_lambda_function.this : key => { name = function.function_name, arn = function.arn } }

  # Here and not at the functions, where it would be said ten times.
  precondition {
    condition     = local.from_s3 || fileexists(local.package_path)
    error_message = "There is no package at ${local.package_path}. Download pynvest-lambda-${var.architecture}.zip of a release or build it, and put it there; or say where it is with the variable `package`."
  }
  precondition {
    condition     = local.package_is_whole
    error_message = "The package at ${local.package_path} is not a zip with a file `bootstrap` at its top: Lambda would start nothing. Take pynvest-lambda-${var.architecture}.zip of a release as it is."
  }
}

output "roles" {
  description = "The seven roles: name and ARN of each."
  value       = { for key, role in aws_iam_role.this : key => { name = role.name, arn = role.arn } }
}

output "policies" {
  description = "The nine policies: name and ARN of each."
  value       = { for key, policy in aws_iam_policy.this : key => { name = policy.name, arn = policy.arn } }
}

output "databases" {
  description = "The name of the Glue database of each layer."
  value       = local.databases
}

output "tables" {
  description = "The five tables: layer, database, ARN and location of each."
  value = {
    for key, table in aws_glue_catalog_table.this : key => {
      layer    = local.tables[key].layer
      database = table.database_name
      arn      = table.arn
      location = table.storage_descriptor[0].location
    }
  }
}

output "queues" {
  description = "The queues of `acoes` and `fiis`: name, ARN and URL of each."
  value       = { for class, queue in aws_sqs_queue.tickers : class => { name = queue.name, arn = queue.arn, url = queue.url } }
}

output "dead_letter_queues" {
  description = "The dead-letter queues of `acoes` and `fiis`: name, ARN and URL of each."
  value       = { for class, queue in aws_sqs_queue.dead_letters : class => { name = queue.name, arn = queue.arn, url = queue.url } }
}

output "dead_events_queue" {
  description = "The queue of events that an asynchronous function could not serve in three attempts: name, ARN and URL."
  value       = { name = aws_sqs_queue.dead_events.name, arn = aws_sqs_queue.dead_events.arn, url = aws_sqs_queue.dead_events.url }
}

output "state_machine" {
  description = "The state machine: name and ARN."
  value       = { name = aws_sfn_state_machine.dedup.name, arn = aws_sfn_state_machine.dedup.arn }
}

output "rules" {
  description = "The EventBridge rules, those on new objects included if there are any: name and ARN of each."
  value = {
    for key, rule in merge(
      {
        trigger-pynvest-lambda-check-and-delete-partitions = aws_cloudwatch_event_rule.check_and_delete
        trigger-pynvest-sfn-dedup-sot-spec-tables          = aws_cloudwatch_event_rule.dedup
      },
      { for function, rule in aws_cloudwatch_event_rule.arrival : "trigger-${function}" => rule },
    ) : key => { name = rule.name, arn = rule.arn }
  }
}

output "log_groups" {
  description = "The log group of each function: name and ARN."
  value       = { for key, group in aws_cloudwatch_log_group.function : key => { name = group.name, arn = group.arn } }
}

output "alarms" {
  description = "The alarms and warnings: the ARN of each, by its name. Empty without topics."
  value = {
    for alarm in concat(
      values(aws_cloudwatch_metric_alarm.day),
      aws_cloudwatch_metric_alarm.dead_letters,
      aws_cloudwatch_metric_alarm.no_whole_day,
      values(aws_cloudwatch_metric_alarm.errors),
    ) : alarm.alarm_name => alarm.arn
  }
}

output "dashboard" {
  description = "The name of the dashboard; null without one."
  value       = one(aws_cloudwatch_dashboard.day[*].dashboard_name)
}

output "bucket_notifications" {
  description = "For each bucket the notifications that new objects need, with the arguments of lambda_function in aws_s3_bucket_notification. With bucket_notification_mode `none`, add them to your own."
  value = {
    for bucket, arrivals in local.arrivals_by_bucket : bucket => [
      for table, arrival in arrivals : {
        id                  = table
        lambda_function_arn = aws_lambda_function.this[arrival.function].arn
        events              = ["s3:ObjectCreated:*"]
        filter_prefix       = arrival.prefix
        filter_suffix       = arrival.suffix
      }
    ]
  }

  depends_on = [aws_lambda_permission.bucket]
}

output "athena_queries" {
  description = "The saved queries, those that create views included: the id of each, by its name. Empty without a workgroup."
  value       = { for query in concat(values(aws_athena_named_query.this), values(aws_athena_named_query.view)) : query.name => query.id }
}
