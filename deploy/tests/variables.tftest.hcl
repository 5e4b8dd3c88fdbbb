# Every variable reaches what its description says, and the defaults lose no data.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  bucket_names_map = { sor = "lake-sor", sot = "lake-sot", spec = "lake-spec" }
  package          = { s3_bucket = "packages", s3_key = "pynvest-lambda-arm64.zip" }
}

run "defaults" {
  command = plan

  assert {
    condition     = alltrue([for queue in aws_sqs_queue.tickers : queue.visibility_timeout_seconds >= 6 * 180 + 20 && queue.message_retention_seconds >= 345600])
    error_message = "A queue hides its messages for less than six timeouts and a window, or keeps them for less than four days."
  }
  assert {
    condition     = alltrue([for queue in aws_sqs_queue.dead_letters : queue.message_retention_seconds == 1209600])
    error_message = "A dead-letter queue keeps its messages for less than the 14 days that there are."
  }
  assert {
    condition     = alltrue([for queue in concat(values(aws_sqs_queue.tickers), values(aws_sqs_queue.dead_letters)) : queue.sqs_managed_sse_enabled])
    error_message = "A queue is not encrypted."
  }
  assert {
    condition     = alltrue([for queue in aws_sqs_queue.dead_letters : jsondecode(queue.redrive_allow_policy).redrivePermission == "byQueue"])
    error_message = "Any queue may use a dead-letter queue."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.dead_letters["acoes"].redrive_allow_policy).sourceQueueArns == ["arn:aws:sqs:sa-east-1:111122223333:pynvest-tickers-acoes-queue"]
    error_message = "The dead-letter queue of stocks does not take from the queue of stocks."
  }
  assert {
    condition     = alltrue([for mapping in aws_lambda_event_source_mapping.tickers : mapping.function_response_types == toset(["ReportBatchItemFailures"])])
    error_message = "One bad ticker brings back its batch."
  }
  assert {
    condition = (
      aws_cloudwatch_event_rule.check_and_delete.schedule_expression == "cron(45 21 * * ? *)" &&
      aws_cloudwatch_event_rule.dedup.schedule_expression == "cron(0 22 * * ? *)"
    )
    error_message = "The day does not start at 18:45 and end at 19:00 at -03:00."
  }
  assert {
    condition = toset(keys(aws_lambda_function_event_invoke_config.this)) == toset([
      "pynvest-lambda-check-and-delete-partitions",
      "pynvest-lambda-get-tickers",
      "pynvest-lambda-prep-financial-data-for-acoes",
      "pynvest-lambda-prep-financial-data-for-fiis",
      "pynvest-lambda-specialize-financial-data",
    ])
    error_message = "Not just the functions that nobody waits for are tried again by Lambda."
  }
  assert {
    condition     = [for key, config in aws_lambda_function_event_invoke_config.this : key if length(config.destination_config[0].on_success) > 0] == ["pynvest-lambda-check-and-delete-partitions"]
    error_message = "Not just check-and-delete hands over to another function."
  }
  assert {
    condition     = length(aws_athena_named_query.this) == 0
    error_message = "Queries are saved without a workgroup."
  }
  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.day) + length(aws_cloudwatch_metric_alarm.dead_letters) + length(aws_cloudwatch_metric_alarm.no_whole_day) +
      length(aws_cloudwatch_metric_alarm.errors) + length(aws_cloudwatch_dashboard.day) == 0
    )
    error_message = "There is an alarm that tells nobody, or a dashboard that nobody asked for, and both cost."
  }
  assert {
    condition = toset([for name, config in aws_lambda_function_event_invoke_config.this : name if length(config.destination_config[0].on_failure) == 1]) == toset([
      for name, function in local.functions : name if function.asynchronous
    ])
    error_message = "An asynchronous function does not hand over its dead events."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.function : group.retention_in_days == 30])
    error_message = "Logs are kept for ever, or for another time than 30 days."
  }
}

run "each_variable_reaches_its_resource" {
  command = plan

  variables {
    sqs_tickers_acoes_queue_name       = "my-stocks"
    sqs_tickers_fiis_queue_name        = "my-fiis"
    sqs_visibility_timeout_seconds     = 2000
    sqs_message_retention_seconds      = 86400
    functions_timeout                  = 300
    functions_memory_size              = 256
    sqs_lambda_trigger_batch_size      = 50
    sqs_lambda_trigger_batch_window    = 30
    sqs_lambda_trigger_max_concurrency = 4
    module_default_tags                = { team = "data" }
    schedules                          = { check_and_delete = "cron(30 0 * * ? *)", dedup = "cron(0 1 * * ? *)" }
    site                               = { url = "http://127.0.0.1:8080", minimum_acoes = 3, minimum_fiis = 2 }
    architecture                       = "x86_64"
    package                            = { s3_bucket = "packages", s3_key = "a.zip", s3_object_version = "v1" }
    log_retention_days                 = 365
    alarm_topic_arns                   = ["arn:aws:sns:sa-east-1:111122223333:alarms"]
    warning_topic_arns                 = ["arn:aws:sns:sa-east-1:111122223333:warnings"]
    log_level                          = "warn"
    dedup_memory_size                  = 512
    athena_workgroup                   = "analysts"
  }

  assert {
    condition = alltrue([
      for queue in aws_sqs_queue.tickers : queue.visibility_timeout_seconds == 2000 && queue.message_retention_seconds == 86400
    ])
    error_message = "A queue does not have what the variables say."
  }
  assert {
    condition     = toset(concat(values(aws_sqs_queue.tickers)[*].name, values(aws_sqs_queue.dead_letters)[*].name)) == toset(["my-stocks", "my-fiis", "my-stocks-dlq", "my-fiis-dlq"])
    error_message = "A queue does not have the name that was asked for."
  }
  assert {
    condition = contains([
      for statement in jsondecode(aws_iam_policy.this["pynvest-send-msgs-to-tickers-queues"].policy).Statement : statement.Resource
    ], ["arn:aws:sqs:sa-east-1:111122223333:my-stocks", "arn:aws:sqs:sa-east-1:111122223333:my-fiis"])
    error_message = "The policies do not follow the names of the queues."
  }
  assert {
    condition = alltrue([
      for function in aws_lambda_function.this : function.timeout == 300 && function.environment[0].variables.RUST_LOG == "warn" && function.architectures == tolist(["x86_64"]) &&
      function.s3_bucket == "packages" && function.s3_key == "a.zip" && function.s3_object_version == "v1" && function.filename == null
    ])
    error_message = "A function does not have what the variables say."
  }
  assert {
    condition     = { for name, function in aws_lambda_function.this : name => function.memory_size } == { for name, function in local.functions : name => strcontains(name, "-dedup-") ? 512 : 256 }
    error_message = "A function has other memory than was asked for."
  }
  assert {
    condition = alltrue([
      for mapping in aws_lambda_event_source_mapping.tickers :
      mapping.batch_size == 50 && mapping.maximum_batching_window_in_seconds == 30 && mapping.scaling_config[0].maximum_concurrency == 4
    ])
    error_message = "A trigger does not have what the variables say."
  }
  assert {
    condition = alltrue([
      for item in concat(
        values(aws_sqs_queue.tickers)[*].tags, values(aws_sqs_queue.dead_letters)[*].tags, values(aws_lambda_function.this)[*].tags,
        values(aws_iam_role.this)[*].tags, values(aws_iam_policy.this)[*].tags, values(aws_glue_catalog_database.this)[*].tags,
        values(aws_cloudwatch_log_group.function)[*].tags, values(aws_lambda_event_source_mapping.tickers)[*].tags,
        values(aws_cloudwatch_metric_alarm.errors)[*].tags, values(aws_cloudwatch_metric_alarm.day)[*].tags,
        aws_cloudwatch_metric_alarm.dead_letters[*].tags, aws_cloudwatch_metric_alarm.no_whole_day[*].tags,
        [aws_sfn_state_machine.dedup.tags, aws_cloudwatch_event_rule.check_and_delete.tags, aws_cloudwatch_event_rule.dedup.tags, aws_sqs_queue.dead_events.tags],
      ) : item.team == "data"
    ])
    error_message = "A resource lacks the tags."
  }
  assert {
    condition = (
      aws_cloudwatch_event_rule.check_and_delete.schedule_expression == "cron(30 0 * * ? *)" &&
      aws_cloudwatch_event_rule.dedup.schedule_expression == "cron(0 1 * * ? *)"
    )
    error_message = "A rule does not have the schedule that was asked for."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.function : group.retention_in_days == 365])
    error_message = "Logs are not kept for as long as was asked for."
  }
  assert {
    condition = { for alarm in concat(
      values(aws_cloudwatch_metric_alarm.day), aws_cloudwatch_metric_alarm.dead_letters, aws_cloudwatch_metric_alarm.no_whole_day,
      ) : alarm.alarm_name => tolist(alarm.alarm_actions) } == {
      pynvest-sfn-dedup-sot-spec-tables-failed = tolist(["arn:aws:sns:sa-east-1:111122223333:alarms"])
      pynvest-findings                         = tolist(["arn:aws:sns:sa-east-1:111122223333:alarms"])
      pynvest-dead-letters                     = tolist(["arn:aws:sns:sa-east-1:111122223333:alarms"])
      pynvest-no-whole-day                     = tolist(["arn:aws:sns:sa-east-1:111122223333:alarms"])
    }
    error_message = "There are other alarms than four, or one does not notify the topic."
  }
  assert {
    condition = length(aws_cloudwatch_metric_alarm.errors) == 10 && alltrue([
      for alarm in aws_cloudwatch_metric_alarm.errors : alarm.alarm_actions == toset(["arn:aws:sns:sa-east-1:111122223333:warnings"])
    ])
    error_message = "A function has no warning, or one does not notify its topic, or notifies that of alarms."
  }
  assert {
    condition = toset([
      for query in aws_cloudwatch_metric_alarm.dead_letters[0].metric_query : query.metric[0].dimensions.QueueName if length(query.metric) == 1
    ]) == toset(["my-stocks-dlq", "my-fiis-dlq", "pynvest-events-dlq"])
    error_message = "A queue of what was lost has no alarm."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.day["pynvest-findings"].dimensions == tomap({ Function = "pynvest-lambda-dedup-financial-data-for-spec-ativos" })
    error_message = "The alarm of findings looks at a metric that no function writes."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.no_whole_day[0].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.no_whole_day[0].period == 3600
    error_message = "A day that never started goes unnoticed."
  }
  assert {
    condition     = length(aws_athena_named_query.this) == 4 && alltrue([for query in aws_athena_named_query.this : query.workgroup == "analysts"])
    error_message = "The four queries are not saved in the workgroup."
  }
  assert {
    condition = { for view, query in aws_athena_named_query.view : view => "${query.workgroup} ${regex("CREATE OR REPLACE VIEW (.*) AS\n", query.query)[0]}" } == {
      vw_fundamentus_acoes_ultimo_dia    = "analysts \"db_pynvest_sot\".\"vw_fundamentus_acoes_ultimo_dia\""
      vw_fundamentus_fiis_ultimo_dia     = "analysts \"db_pynvest_sot\".\"vw_fundamentus_fiis_ultimo_dia\""
      vw_fundamentus_cotacoes_ultimo_dia = "analysts \"db_pynvest_spec\".\"vw_fundamentus_cotacoes_ultimo_dia\""
      vw_fundamentus_acoes_como_era      = "analysts \"db_pynvest_sot\".\"vw_fundamentus_acoes_como_era\""
      vw_fundamentus_fiis_como_era       = "analysts \"db_pynvest_sot\".\"vw_fundamentus_fiis_como_era\""
    }
    error_message = "There are other views than five, or one is created elsewhere than next to its table."
  }
  assert {
    condition     = alltrue([for query in aws_athena_named_query.this : strcontains(query.query, "\"${query.database}\".\"tb")])
    error_message = "A query asks another database than its own."
  }
}

run "the_same_days_said_in_two_ways" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(30 23 ? * SUN,2-THU *)", dedup = "cron(5 2 ? * MON-FRI *)" }
  }

  assert {
    condition     = local.schedule.check_and_delete == { minute = 1230, weekdays = [1, 2, 3, 4, 5], others = "" } && local.schedule.dedup.minute == 1385
    error_message = "From Sunday to Thursday, at 20:30 and 23:05 in São Paulo, is read as something else."
  }
}

run "days_that_are_no_weekdays" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(45 21 L * ? 2027-2030)", dedup = "cron(0 22 L * ? 2027-2030)" }
  }

  assert {
    condition     = local.schedule.dedup == { minute = 1140, weekdays = [], others = "L * ? 2027-2030 0" }
    error_message = "The last of a month is read as something else."
  }
}

run "every_day_is_26_hours" {
  command = plan

  variables {
    alarm_topic_arns = ["arn:aws:sns:sa-east-1:111122223333:alarms"]
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.no_whole_day[0].evaluation_periods == 26 && length(aws_cloudwatch_metric_alarm.errors) == 0
    error_message = "The alarm without a whole day does not look back for 26 hours, or there are warnings for nobody."
  }
}

run "a_topic_that_the_same_apply_creates" {
  command = plan

  module {
    source = "./tests/topic"
  }

  assert {
    condition     = length(keys(output.alarms)) == 14
    error_message = "Alarms need a topic whose ARN is known to the plan."
  }
}

run "the_day_on_a_dashboard" {
  # ARNs are known after apply only.
  command = apply

  variables {
    flag_create_dashboard = true
    name_prefix           = "dev-"
  }

  assert {
    condition     = output.dashboard == "dev-pynvest" && length(output.alarms) == 0
    error_message = "The dashboard has another name, or brings alarms."
  }
  assert {
    condition = toset(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.day[0].dashboard_body).widgets : "${widget.x} ${widget.y}"])) == toset([
      "0 0", "12 0", "0 6", "12 6", "0 12", "12 12",
    ])
    error_message = "Two widgets are at the same place."
  }
  assert {
    condition     = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.day[0].dashboard_body).widgets : widget.properties.region == "sa-east-1"])
    error_message = "A widget looks at another region."
  }
  assert {
    condition     = startswith(jsondecode(aws_cloudwatch_dashboard.day[0].dashboard_body).widgets[0].properties.query, "SOURCE '/aws/lambda/dev-pynvest-lambda-dedup-financial-data-for-spec-ativos' | ")
    error_message = "The outcome of a day is read from another log than that of its last step."
  }
}

run "weekends_are_no_days_that_are_not_whole" {
  command = plan

  variables {
    alarm_topic_arns = ["arn:aws:sns:sa-east-1:111122223333:alarms"]
    schedules        = { check_and_delete = "cron(45 21 ? * MON-FRI *)", dedup = "cron(0 22 ? * MON-FRI *)" }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.no_whole_day[0].evaluation_periods == 74 && strcontains(aws_cloudwatch_metric_alarm.no_whole_day[0].alarm_description, " 74 hours")
    error_message = "From Friday to Monday are three days, and two hours."
  }
}

run "tuesdays_and_thursdays" {
  command = plan

  variables {
    alarm_topic_arns = ["arn:aws:sns:sa-east-1:111122223333:alarms"]
    schedules        = { check_and_delete = "cron(45 21 ? * 3,5 *)", dedup = "cron(0 22 ? * 3,5 *)" }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.no_whole_day[0].evaluation_periods == 122 && strcontains(aws_cloudwatch_metric_alarm.no_whole_day[0].alarm_description, " 122 hours")
    error_message = "From Thursday to Tuesday are five days, and two hours."
  }
}

run "a_week_is_the_most" {
  command = plan

  variables {
    alarm_topic_arns = ["arn:aws:sns:sa-east-1:111122223333:alarms"]
    schedules        = { check_and_delete = "cron(45 21 1 * ? *)", dedup = "cron(0 22 1 * ? *)" }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.no_whole_day[0].evaluation_periods == 168 && strcontains(aws_cloudwatch_metric_alarm.no_whole_day[0].alarm_description, " 168 hours")
    error_message = "CloudWatch looks back for a week at most."
  }
}

run "hours_that_were_asked_for" {
  command = plan

  variables {
    alarm_topic_arns   = ["arn:aws:sns:sa-east-1:111122223333:alarms"]
    no_whole_day_hours = 50
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.no_whole_day[0].evaluation_periods == 50 && strcontains(aws_cloudwatch_metric_alarm.no_whole_day[0].alarm_description, " 50 hours")
    error_message = "The alarm does not look back for as long as was asked for."
  }
}

run "one_pace_for_the_whole_day" {
  command = plan

  assert {
    condition = alltrue([
      for function in aws_lambda_function.this : function.environment[0].variables.SITE_INTERVAL_MS == "550"
    ]) && alltrue([for mapping in aws_lambda_event_source_mapping.tickers : mapping.scaling_config[0].maximum_concurrency == 2])
    error_message = "Two queues with two invocations each, one request every 550 ms of each, are not quite eight requests a second."
  }
}

run "the_pace_holds_with_more_at_once" {
  command = plan

  variables {
    sqs_lambda_trigger_max_concurrency = 5
    requests_per_second                = 20
  }

  assert {
    condition     = aws_lambda_function.this["pynvest-lambda-get-financial-data-for-fiis"].environment[0].variables.SITE_INTERVAL_MS == "550"
    error_message = "Ten invocations that ask every 550 ms are not quite twenty requests a second."
  }
}

run "a_slow_pace_fits_the_other_defaults" {
  command = plan

  variables {
    requests_per_second = 4
  }

  assert {
    condition     = aws_lambda_function.this["pynvest-lambda-get-financial-data-for-acoes"].environment[0].variables.SITE_INTERVAL_MS == "1100"
    error_message = "Four invocations that ask every 1100 ms are not quite four requests a second."
  }
}

run "a_package_from_a_path" {
  command = plan

  variables {
    package = { path = "./tests/packages/bootstrap.zip" }
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.filename == "./tests/packages/bootstrap.zip" && function.source_code_hash == filebase64sha256("./tests/packages/bootstrap.zip")])
    error_message = "A function is not made from the package, or does not notice a new one."
  }
}

run "a_package_with_a_file_before_the_program" {
  command = plan

  variables {
    package = { path = "./tests/packages/after-a.zip" }
  }

  assert {
    condition     = local.package_is_whole
    error_message = "The program is not found as the second file of a zip."
  }
}

run "a_package_with_another_file_before_the_program" {
  command = plan

  variables {
    package = { path = "./tests/packages/after-ab.zip" }
  }

  assert {
    condition     = local.package_is_whole
    error_message = "The program is not found as the second file of a zip."
  }
}

run "what_functions_read_from_their_environment" {
  # Queue URLs are known after apply only.
  command = apply

  variables {
    site                = { url = "http://127.0.0.1:8080", minimum_acoes = 3, minimum_fiis = 2 }
    requests_per_second = 7
    alarm_topic_arns    = ["arn:aws:sns:sa-east-1:111122223333:alarms"]
    warning_topic_arns  = ["arn:aws:sns:sa-east-1:111122223333:warnings"]
  }

  assert {
    condition = alltrue([
      for function in aws_lambda_function.this : function.environment[0].variables == tomap({
        SOR_BUCKET          = "lake-sor"
        SOT_BUCKET          = "lake-sot"
        SPEC_BUCKET         = "lake-spec"
        SOR_DATABASE        = "db_pynvest_sor"
        SOT_DATABASE        = "db_pynvest_sot"
        SPEC_DATABASE       = "db_pynvest_spec"
        TICKERS_ACOES_QUEUE = "https://sqs.sa-east-1.amazonaws.com/111122223333/mock"
        TICKERS_FIIS_QUEUE  = "https://sqs.sa-east-1.amazonaws.com/111122223333/mock"

        DEAD_LETTERS_ACOES_QUEUE = "https://sqs.sa-east-1.amazonaws.com/111122223333/mock"
        DEAD_LETTERS_FIIS_QUEUE  = "https://sqs.sa-east-1.amazonaws.com/111122223333/mock"

        SITE_URL         = "http://127.0.0.1:8080"
        SITE_INTERVAL_MS = "629"
        MINIMUM_ACOES    = "3"
        MINIMUM_FIIS     = "2"
        MESSAGE_HOURS    = "12"
        STRICT           = "false"
        WHOLE_PERCENT    = "90"
        KEEP_PAGES       = "true"
        RUST_LOG         = "info"
      })
    ])
    error_message = "A function has another environment."
  }
  assert {
    condition     = length(output.functions) == 10 && length(output.roles) == 7 && length(output.policies) == 9 && length(output.tables) == 5
    error_message = "An output lacks something."
  }
  assert {
    condition     = length(output.queues) == 2 && length(output.dead_letter_queues) == 2 && length(output.rules) == 2 && length(output.log_groups) == 10 && length(output.alarms) == 14 && output.dashboard == null
    error_message = "An output lacks something."
  }
}

run "no_lifecycle_is_touched_unasked" {
  command = plan

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.pages) == 0
    error_message = "The lifecycle of a bucket is replaced although nobody asked for it."
  }
}

run "pages_are_deleted_after_so_many_days_and_nothing_else" {
  command = plan

  variables {
    pages_days = 400
  }

  assert {
    condition = (
      aws_s3_bucket_lifecycle_configuration.pages[0].bucket == "lake-sor" &&
      aws_s3_bucket_lifecycle_configuration.pages[0].rule[0].filter[0].prefix == "_pages/" &&
      aws_s3_bucket_lifecycle_configuration.pages[0].rule[0].expiration[0].days == 400
    )
    error_message = "Something else than the pages expires, or at another time."
  }
}
