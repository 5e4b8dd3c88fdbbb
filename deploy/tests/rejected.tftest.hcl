# Bad input is refused by the variable that it was given to, before AWS is asked.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  bucket_names_map = { sor = "lake-sor", sot = "lake-sot", spec = "lake-spec" }
  package          = { s3_bucket = "packages", s3_key = "pynvest-lambda-arm64.zip" }
}

run "a_bucket_that_is_an_arn" {
  command = plan

  variables {
    bucket_names_map = { sor = "arn:aws:s3:::lake", sot = "lake", spec = "lake" }
  }

  expect_failures = [var.bucket_names_map]
}

run "a_prefix_without_hyphen" {
  command = plan

  variables {
    name_prefix = "dev"
  }

  expect_failures = [var.name_prefix]
}

run "a_prefix_that_is_too_long" {
  command = plan

  variables {
    name_prefix = "abcdefghijkl-"
  }

  expect_failures = [var.name_prefix]
}

run "a_database_with_a_hyphen" {
  command = plan

  variables {
    databases = { sor = { name = "a-b" } }
  }

  expect_failures = [var.databases]
}

run "a_shared_database_that_exists_and_does_not" {
  command = plan

  variables {
    databases = { sor = { name = "lake", create = false }, sot = { name = "lake" } }
  }

  expect_failures = [var.databases]
}

run "a_fifo_queue" {
  command = plan

  variables {
    sqs_tickers_acoes_queue_name = "stocks.fifo"
  }

  expect_failures = [var.sqs_tickers_acoes_queue_name]
}

run "a_queue_name_with_a_space" {
  command = plan

  variables {
    sqs_tickers_fiis_queue_name = "my fiis"
  }

  expect_failures = [var.sqs_tickers_fiis_queue_name]
}

run "one_queue_for_both_classes" {
  command = plan

  variables {
    sqs_tickers_acoes_queue_name = "one"
    sqs_tickers_fiis_queue_name  = "one"
  }

  expect_failures = [var.sqs_tickers_fiis_queue_name]
}

run "visibility_below_six_timeouts" {
  command = plan

  variables {
    sqs_visibility_timeout_seconds = 1099
  }

  expect_failures = [var.sqs_visibility_timeout_seconds]
}

run "a_longer_timeout_without_more_visibility" {
  command = plan

  variables {
    functions_timeout = 900
  }

  expect_failures = [var.sqs_visibility_timeout_seconds]
}

run "visibility_beyond_half_a_day" {
  command = plan

  variables {
    sqs_visibility_timeout_seconds = 43201
  }

  expect_failures = [var.sqs_visibility_timeout_seconds]
}

run "retention_of_less_than_three_attempts" {
  command = plan

  variables {
    sqs_message_retention_seconds = 3600
  }

  expect_failures = [var.sqs_message_retention_seconds]
}

run "retention_beyond_two_weeks" {
  command = plan

  variables {
    sqs_message_retention_seconds = 1209601
  }

  expect_failures = [var.sqs_message_retention_seconds]
}

run "a_timeout_beyond_15_minutes" {
  command = plan

  variables {
    functions_timeout              = 901
    sqs_visibility_timeout_seconds = 6000
  }

  expect_failures = [var.functions_timeout]
}

run "too_little_memory" {
  command = plan

  variables {
    functions_memory_size = 64
  }

  expect_failures = [var.functions_memory_size]
}

run "an_empty_batch" {
  command = plan

  variables {
    sqs_lambda_trigger_batch_size = 0
  }

  expect_failures = [var.sqs_lambda_trigger_batch_size]
}

run "a_batch_that_no_invocation_can_read" {
  command = plan

  variables {
    sqs_lambda_trigger_batch_size = 1000
  }

  expect_failures = [var.sqs_lambda_trigger_batch_size]
}

run "a_large_batch_without_window" {
  command = plan

  variables {
    sqs_lambda_trigger_batch_window = 0
  }

  expect_failures = [var.sqs_lambda_trigger_batch_window]
}

run "a_window_beyond_5_minutes" {
  command = plan

  variables {
    sqs_lambda_trigger_batch_window = 301
    sqs_visibility_timeout_seconds  = 1500
  }

  expect_failures = [var.sqs_lambda_trigger_batch_window]
}

run "a_concurrency_of_one" {
  command = plan

  variables {
    sqs_lambda_trigger_max_concurrency = 1
  }

  expect_failures = [var.sqs_lambda_trigger_max_concurrency]
}

run "minutes_that_no_clock_has" {
  command = plan

  variables {
    schedules = { dedup = "cron(99 99 * * ? *)" }
  }

  expect_failures = [var.schedules]
}

run "both_day_fields" {
  command = plan

  variables {
    schedules = { dedup = "cron(0 22 * * * *)" }
  }

  expect_failures = [var.schedules]
}

run "no_day_field" {
  command = plan

  variables {
    schedules = { dedup = "cron(0 22 ? * ? *)" }
  }

  expect_failures = [var.schedules]
}

run "a_rate" {
  command = plan

  variables {
    schedules = { check_and_delete = "rate(1 day)" }
  }

  expect_failures = [var.schedules]
}

run "an_end_before_the_beginning" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(0 22 * * ? *)", dedup = "cron(45 21 * * ? *)" }
  }

  expect_failures = [aws_cloudwatch_event_rule.dedup]
}

run "an_end_at_the_beginning" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(0 22 * * ? *)", dedup = "cron(0 22 * * ? *)" }
  }

  expect_failures = [aws_cloudwatch_event_rule.dedup]
}

run "an_end_on_the_next_day_in_sao_paulo" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(45 2 * * ? *)", dedup = "cron(0 3 * * ? *)" }
  }

  expect_failures = [aws_cloudwatch_event_rule.dedup]
}

run "weekdays_that_midnight_in_utc_shifts" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(30 23 ? * MON-FRI *)", dedup = "cron(30 0 ? * MON-FRI *)" }
  }

  expect_failures = [aws_cloudwatch_event_rule.dedup]
}

run "an_end_that_leaves_out_a_day" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(45 21 * * ? *)", dedup = "cron(0 22 ? * MON-FRI *)" }
  }

  expect_failures = [aws_cloudwatch_event_rule.dedup]
}

run "dates_on_two_sides_of_midnight_in_utc" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(30 23 1 * ? *)", dedup = "cron(30 0 1 * ? *)" }
  }

  expect_failures = [aws_cloudwatch_event_rule.dedup]
}

run "the_first_monday_and_the_second" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(45 21 ? * 2#1 *)", dedup = "cron(0 22 ? * 2#2 *)" }
  }

  expect_failures = [aws_cloudwatch_event_rule.dedup]
}

run "a_site_without_scheme" {
  command = plan

  variables {
    site = { url = "www.fundamentus.com.br" }
  }

  expect_failures = [var.site]
}

run "a_list_of_no_stocks" {
  command = plan

  variables {
    site = { minimum_acoes = 0 }
  }

  expect_failures = [var.site]
}

run "a_list_of_fewer_than_no_fiis" {
  command = plan

  variables {
    site = { minimum_fiis = -1 }
  }

  expect_failures = [var.site]
}

run "more_stocks_than_a_list_may_have" {
  command = plan

  variables {
    site = { minimum_acoes = 4001 }
  }

  expect_failures = [var.site]
}

run "more_fiis_than_a_list_may_have" {
  command = plan

  variables {
    site = { minimum_fiis = 4001 }
  }

  expect_failures = [var.site]
}

run "a_site_with_a_space" {
  command = plan

  variables {
    site = { url = "https://www.fundamentus.com.br /" }
  }

  expect_failures = [var.site]
}

run "a_bucket_with_two_dots" {
  command = plan

  variables {
    bucket_names_map = { sor = "a..b", sot = "lake", spec = "lake" }
  }

  expect_failures = [var.bucket_names_map]
}

run "a_month_that_no_year_has" {
  command = plan

  variables {
    schedules = { dedup = "cron(0 22 1 13 ? *)" }
  }

  expect_failures = [var.schedules]
}

run "a_date_that_no_month_has" {
  command = plan

  variables {
    schedules = { dedup = "cron(0 22 32 * ? *)" }
  }

  expect_failures = [var.schedules]
}

run "a_day_that_no_week_has" {
  command = plan

  variables {
    schedules = { dedup = "cron(0 22 ? * MON-FRY *)" }
  }

  expect_failures = [var.schedules]
}

run "a_year_that_is_over_long_ago" {
  command = plan

  variables {
    schedules = { dedup = "cron(0 22 * * ? 1492)" }
  }

  expect_failures = [var.schedules]
}

run "a_fraction_of_a_second_of_visibility" {
  command = plan

  variables {
    sqs_visibility_timeout_seconds = 1200.5
  }

  expect_failures = [var.sqs_visibility_timeout_seconds]
}

run "a_fraction_of_a_second_of_retention" {
  command = plan

  variables {
    sqs_message_retention_seconds = 345600.5
  }

  expect_failures = [var.sqs_message_retention_seconds]
}

run "a_fraction_of_a_second_of_work" {
  command = plan

  variables {
    functions_timeout = 179.5
  }

  expect_failures = [var.functions_timeout]
}

run "a_fraction_of_a_megabyte" {
  command = plan

  variables {
    functions_memory_size = 128.5
  }

  expect_failures = [var.functions_memory_size]
}

run "a_fraction_of_a_message" {
  command = plan

  variables {
    sqs_lambda_trigger_batch_size = 99.5
  }

  expect_failures = [var.sqs_lambda_trigger_batch_size]
}

run "a_fraction_of_a_second_of_gathering" {
  command = plan

  variables {
    sqs_lambda_trigger_batch_window = 19.5
  }

  expect_failures = [var.sqs_lambda_trigger_batch_window]
}

run "a_fraction_of_an_invocation" {
  command = plan

  variables {
    sqs_lambda_trigger_max_concurrency = 2.5
  }

  expect_failures = [var.sqs_lambda_trigger_max_concurrency]
}

run "a_fraction_of_a_check" {
  command = plan

  variables {
    queue_drain = { checks = 59.5 }
  }

  expect_failures = [var.queue_drain]
}

run "a_fraction_of_a_second_between_checks" {
  command = plan

  variables {
    queue_drain = { seconds = 59.5 }
  }

  expect_failures = [var.queue_drain]
}

run "a_fraction_of_a_second_at_the_end" {
  command = plan

  variables {
    queue_drain = { settle_seconds = 119.5 }
  }

  expect_failures = [var.queue_drain]
}

run "a_fraction_of_a_stock" {
  command = plan

  variables {
    site = { minimum_acoes = 1.5 }
  }

  expect_failures = [var.site]
}

run "a_fraction_of_a_fii" {
  command = plan

  variables {
    site = { minimum_fiis = 1.5 }
  }

  expect_failures = [var.site]
}

run "a_site_that_is_not_asked" {
  command = plan

  variables {
    requests_per_second = 0
  }

  expect_failures = [var.requests_per_second]
}

run "a_fraction_of_a_request" {
  command = plan

  variables {
    requests_per_second = 7.5
  }

  expect_failures = [var.requests_per_second]
}

run "a_flood" {
  command = plan

  variables {
    requests_per_second = 1001
  }

  expect_failures = [var.requests_per_second]
}

run "a_pace_that_no_batch_can_keep" {
  command = plan

  variables {
    requests_per_second = 3
  }

  expect_failures = [var.sqs_lambda_trigger_batch_size]
}

run "more_at_once_than_the_pace_is_for" {
  command = plan

  variables {
    sqs_lambda_trigger_max_concurrency = 8
  }

  expect_failures = [var.sqs_lambda_trigger_batch_size]
}

run "an_unknown_processor" {
  command = plan

  variables {
    architecture = "riscv64"
  }

  expect_failures = [var.architecture]
}

run "a_package_at_two_places" {
  command = plan

  variables {
    package = { path = "./x.zip", s3_bucket = "packages", s3_key = "x.zip" }
  }

  expect_failures = [var.package]
}

run "a_package_bucket_without_key" {
  command = plan

  variables {
    package = { s3_bucket = "packages" }
  }

  expect_failures = [var.package]
}

run "a_version_of_no_object" {
  command = plan

  variables {
    package = { path = "./variables.tf", s3_object_version = "v1" }
  }

  expect_failures = [var.package]
}

run "an_unknown_notification_mode" {
  command = plan

  variables {
    bucket_notification_mode = "sns"
  }

  expect_failures = [var.bucket_notification_mode]
}

run "a_wait_without_checks" {
  command = plan

  variables {
    queue_drain = { checks = 0 }
  }

  expect_failures = [var.queue_drain]
}

run "a_wait_without_pause" {
  command = plan

  variables {
    queue_drain = { seconds = 0 }
  }

  expect_failures = [var.queue_drain]
}

run "a_retention_that_cloudwatch_does_not_know" {
  command = plan

  variables {
    log_retention_days = 10
  }

  expect_failures = [var.log_retention_days]
}

run "a_topic_that_is_no_arn" {
  command = plan

  variables {
    alarm_topic_arns = ["alarms"]
  }

  expect_failures = [var.alarm_topic_arns]
}

run "a_name_where_an_arn_of_a_topic_for_warnings_is_wanted" {
  command = plan

  variables {
    warning_topic_arns = ["warnings"]
  }

  expect_failures = [var.warning_topic_arns]
}

run "a_key_alias" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:sa-east-1:111122223333:alias/lake"
  }

  expect_failures = [var.kms_key_arn]
}

run "a_path_without_a_slash_at_its_end" {
  command = plan

  variables {
    iam_path = "/data"
  }

  expect_failures = [var.iam_path]
}

run "a_path_longer_than_iam_takes" {
  command = plan

  variables {
    iam_path = "/${join("", [for i in range(511) : "p"])}/"
  }

  expect_failures = [var.iam_path]
}

run "a_boundary_that_is_no_policy" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::111122223333:role/boundary"
  }

  expect_failures = [var.permissions_boundary_arn]
}

run "a_workgroup_with_a_space" {
  command = plan

  variables {
    athena_workgroup = "my group"
  }

  expect_failures = [var.athena_workgroup]
}

run "a_package_that_is_not_there" {
  command = plan

  variables {
    package = {}
  }

  expect_failures = [output.functions]
}

run "a_package_that_is_no_zip" {
  command = plan

  variables {
    package = { path = "./package" }
  }

  expect_failures = [output.functions]
}

run "a_package_whose_program_is_in_a_folder" {
  command = plan

  variables {
    package = { path = "./tests/packages/in-a-folder.zip" }
  }

  expect_failures = [output.functions]
}

run "a_bucket_in_another_region" {
  command = plan

  override_data {
    target = data.aws_s3_bucket.must_exist
    values = { bucket_regional_domain_name = "lake-sor.s3.us-east-1.amazonaws.com" }
  }

  expect_failures = [data.aws_s3_bucket.must_exist]
}

run "an_alarm_that_looks_back_for_more_than_a_week" {
  command = plan

  variables {
    no_whole_day_hours = 169
  }

  expect_failures = [var.no_whole_day_hours]
}

run "an_alarm_for_half_an_hour_more" {
  command = plan

  variables {
    no_whole_day_hours = 26.5
  }

  expect_failures = [var.no_whole_day_hours]
}

run "an_alarm_that_is_on_every_weekend" {
  command = plan

  variables {
    alarm_topic_arns   = ["arn:aws:sns:sa-east-1:111122223333:alarms"]
    no_whole_day_hours = 26
    schedules          = { check_and_delete = "cron(45 21 ? * MON-FRI *)", dedup = "cron(0 22 ? * MON-FRI *)" }
  }

  expect_failures = [aws_cloudwatch_metric_alarm.no_whole_day]
}

run "messages_that_are_good_for_no_hour" {
  command = plan

  variables {
    message_hours = 0
  }

  expect_failures = [var.message_hours]
}

run "messages_that_are_good_for_half_an_hour_more" {
  command = plan

  variables {
    message_hours = 12.5
  }

  expect_failures = [var.message_hours]
}

run "a_share_above_all" {
  command = plan

  variables {
    whole_share = 1.1
  }

  expect_failures = [var.whole_share]
}

run "a_share_in_thousandths" {
  command = plan

  variables {
    whole_share = 0.905
  }

  expect_failures = [var.whole_share]
}

run "pages_for_no_day" {
  command = plan

  variables {
    pages_days = 0
  }

  expect_failures = [var.pages_days]
}

run "a_share_of_hardly_anything" {
  command = plan

  variables {
    whole_share = 0.49
  }

  expect_failures = [var.whole_share]
}

run "days_for_pages_that_are_not_kept" {
  command = plan

  variables {
    keep_pages = false
    pages_days = 30
  }

  expect_failures = [var.pages_days]
}

run "a_site_with_a_password" {
  command = plan

  variables {
    site = { url = "https://user:secret@www.fundamentus.com.br" }
  }

  expect_failures = [var.site]
}

run "a_site_that_is_the_function_itself" {
  command = plan

  variables {
    site = { url = "http://localhost:8080" }
  }

  expect_failures = [var.site]
}

run "a_topic_of_another_region" {
  command = plan

  variables {
    alarm_topic_arns = ["arn:aws:sns:us-east-1:111122223333:alarms"]
  }

  expect_failures = [var.alarm_topic_arns]
}

run "a_topic_for_warnings_of_another_region" {
  command = plan

  variables {
    warning_topic_arns = ["arn:aws:sns:us-east-1:111122223333:warnings"]
  }

  expect_failures = [var.warning_topic_arns]
}

run "a_key_of_another_region" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  expect_failures = [var.kms_key_arn]
}

run "an_end_a_minute_after_the_beginning" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(45 21 * * ? *)", dedup = "cron(46 21 * * ? *)" }
  }

  expect_failures = [aws_cloudwatch_event_rule.dedup]
}

run "the_thirty_first_of_february" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(45 21 31 2 ? *)", dedup = "cron(0 22 31 2 ? *)" }
  }

  expect_failures = [var.schedules]
}

run "the_last_days_of_months_that_have_thirty" {
  command = plan

  variables {
    schedules = { check_and_delete = "cron(45 21 31 APR,6 ? *)", dedup = "cron(0 22 31 APR,6 ? *)" }
  }

  expect_failures = [var.schedules]
}

run "more_topics_than_an_alarm_notifies" {
  command = plan

  variables {
    alarm_topic_arns = [for number in range(6) : "arn:aws:sns:sa-east-1:111122223333:alarms-${number}"]
  }

  expect_failures = [var.alarm_topic_arns]
}

run "too_little_memory_for_dedup" {
  command = plan

  variables {
    dedup_memory_size = 127
  }

  expect_failures = [var.dedup_memory_size]
}

run "a_level_that_no_log_has" {
  command = plan

  variables {
    log_level = "INFO"
  }

  expect_failures = [var.log_level]
}
