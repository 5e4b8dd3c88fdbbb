# Every name of the module, and how many there are of each kind: people have queries, dashboards and roles that use them.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  bucket_names_map = { sor = "lake-sor", sot = "lake-sot", spec = "lake-spec" }
  package          = { s3_bucket = "packages", s3_key = "pynvest-lambda-arm64.zip" }
}

run "names_are_those_that_people_use" {
  command = plan

  assert {
    condition = toset(values(aws_iam_policy.this)[*].name) == toset([
      "pynvest-store-cloudwatch-logs",
      "pynvest-check-and-delete-partitions",
      "pynvest-invoke-lambda-functions",
      "pynvest-invoke-state-machines",
      "pynvest-send-msgs-to-tickers-queues",
      "pynvest-share-sor-financial-data",
      "pynvest-share-sot-financial-data",
      "pynvest-share-spec-financial-data",
      "pynvest-dedup-financial-data",
    ])
    error_message = "The nine policies have other names."
  }
  assert {
    condition = toset(values(aws_iam_role.this)[*].name) == toset([
      "pynvest-lambda-check-and-delete-partitions",
      "pynvest-lambda-send-msgs-to-tickers-queues",
      "pynvest-lambda-share-sor-financial-data",
      "pynvest-lambda-share-sot-financial-data",
      "pynvest-lambda-share-spec-financial-data",
      "pynvest-lambda-dedup-financial-data",
      "pynvest-sfn-invoke-lambda-functions",
    ])
    error_message = "The seven roles have other names."
  }
  assert {
    condition     = toset(values(aws_glue_catalog_database.this)[*].name) == toset(["db_pynvest_sor", "db_pynvest_sot", "db_pynvest_spec"])
    error_message = "The three databases have other names."
  }
  assert {
    condition = { for table in aws_glue_catalog_table.this : table.name => table.database_name } == {
      tbsor_fundamentus_indicadores_acoes_raw  = "db_pynvest_sor"
      tbsor_fundamentus_indicadores_fiis_raw   = "db_pynvest_sor"
      tbsot_fundamentus_indicadores_acoes_prep = "db_pynvest_sot"
      tbsot_fundamentus_indicadores_fiis_prep  = "db_pynvest_sot"
      tbspec_fundamentus_cotacao_ativos        = "db_pynvest_spec"
    }
    error_message = "The five tables have other names or lie in other databases."
  }
  assert {
    condition = toset(values(aws_lambda_function.this)[*].function_name) == toset([
      "pynvest-lambda-check-and-delete-partitions",
      "pynvest-lambda-get-tickers",
      "pynvest-lambda-get-financial-data-for-acoes",
      "pynvest-lambda-get-financial-data-for-fiis",
      "pynvest-lambda-prep-financial-data-for-acoes",
      "pynvest-lambda-prep-financial-data-for-fiis",
      "pynvest-lambda-specialize-financial-data",
      "pynvest-lambda-dedup-financial-data-for-acoes",
      "pynvest-lambda-dedup-financial-data-for-fiis",
      "pynvest-lambda-dedup-financial-data-for-spec-ativos",
    ])
    error_message = "The ten functions have other names."
  }
  assert {
    condition = toset(concat(values(aws_sqs_queue.tickers)[*].name, values(aws_sqs_queue.dead_letters)[*].name, [aws_sqs_queue.dead_events.name])) == toset([
      "pynvest-tickers-acoes-queue",
      "pynvest-tickers-fiis-queue",
      "pynvest-tickers-acoes-queue-dlq",
      "pynvest-tickers-fiis-queue-dlq",
      "pynvest-events-dlq",
    ])
    error_message = "The queues have other names."
  }
  assert {
    condition     = aws_sfn_state_machine.dedup.name == "pynvest-sfn-dedup-sot-spec-tables"
    error_message = "The state machine has another name."
  }
  assert {
    condition = (
      aws_cloudwatch_event_rule.check_and_delete.name == "trigger-pynvest-lambda-check-and-delete-partitions" &&
      aws_cloudwatch_event_rule.dedup.name == "trigger-pynvest-sfn-dedup-sot-spec-tables"
    )
    error_message = "The two rules have other names."
  }
}

run "each_function_runs_its_own_part_of_the_program" {
  command = plan

  assert {
    condition = { for key, function in aws_lambda_function.this : key => function.handler } == {
      pynvest-lambda-check-and-delete-partitions          = "check-and-delete-partitions"
      pynvest-lambda-get-tickers                          = "get-tickers"
      pynvest-lambda-get-financial-data-for-acoes         = "get-financial-data-for-acoes"
      pynvest-lambda-get-financial-data-for-fiis          = "get-financial-data-for-fiis"
      pynvest-lambda-prep-financial-data-for-acoes        = "prep-financial-data-for-acoes"
      pynvest-lambda-prep-financial-data-for-fiis         = "prep-financial-data-for-fiis"
      pynvest-lambda-specialize-financial-data            = "specialize-financial-data"
      pynvest-lambda-dedup-financial-data-for-acoes       = "dedup-financial-data-for-acoes"
      pynvest-lambda-dedup-financial-data-for-fiis        = "dedup-financial-data-for-fiis"
      pynvest-lambda-dedup-financial-data-for-spec-ativos = "dedup-financial-data-for-spec-ativos"
    }
    error_message = "A function has another handler than its name without pynvest-lambda-."
  }
  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.runtime == "provided.al2023"])
    error_message = "A function does not run on provided.al2023."
  }
}

run "each_role_carries_its_policies" {
  command = plan

  assert {
    condition = toset(keys(aws_iam_role_policy_attachment.this)) == toset([
      "pynvest-lambda-check-and-delete-partitions/pynvest-store-cloudwatch-logs",
      "pynvest-lambda-check-and-delete-partitions/pynvest-check-and-delete-partitions",
      "pynvest-lambda-check-and-delete-partitions/pynvest-invoke-lambda-functions",
      "pynvest-lambda-send-msgs-to-tickers-queues/pynvest-store-cloudwatch-logs",
      "pynvest-lambda-send-msgs-to-tickers-queues/pynvest-send-msgs-to-tickers-queues",
      "pynvest-lambda-share-sor-financial-data/pynvest-store-cloudwatch-logs",
      "pynvest-lambda-share-sor-financial-data/pynvest-share-sor-financial-data",
      "pynvest-lambda-share-sot-financial-data/pynvest-store-cloudwatch-logs",
      "pynvest-lambda-share-sot-financial-data/pynvest-share-sot-financial-data",
      "pynvest-lambda-share-spec-financial-data/pynvest-store-cloudwatch-logs",
      "pynvest-lambda-share-spec-financial-data/pynvest-share-spec-financial-data",
      "pynvest-lambda-dedup-financial-data/pynvest-store-cloudwatch-logs",
      "pynvest-lambda-dedup-financial-data/pynvest-dedup-financial-data",
      "pynvest-sfn-invoke-lambda-functions/pynvest-invoke-lambda-functions",
      "pynvest-sfn-invoke-lambda-functions/pynvest-invoke-state-machines",
    ])
    error_message = "A role carries other policies."
  }
}

run "tables_are_partitioned_parquet_with_the_columns_of_the_schemas" {
  command = plan

  assert {
    condition = alltrue([
      for name, table in aws_glue_catalog_table.this :
      [for column in table.storage_descriptor[0].columns : column.name] == jsondecode(file("./schemas/${name}.json"))[*].name
    ])
    error_message = "A table has other columns than its schema, or another order."
  }
  assert {
    condition     = alltrue([for table in aws_glue_catalog_table.this : [for key in table.partition_keys : "${key.name} ${key.type}"] == ["anomesdia_exec int"]])
    error_message = "A table is not partitioned by anomesdia_exec int."
  }
  assert {
    condition     = aws_glue_catalog_table.this["tbspec_fundamentus_cotacao_ativos"].storage_descriptor[0].location == "s3://lake-spec/tbspec_fundamentus_cotacao_ativos/"
    error_message = "The Spec table lies elsewhere."
  }
  assert {
    condition = alltrue([
      for table in aws_glue_catalog_table.this :
      alltrue([for column in table.storage_descriptor[0].columns : column.type == "string"]) == startswith(table.name, "tbsor_")
    ])
    error_message = "SoR tables, and only they, hold text alone."
  }
}

run "a_prefix_stands_in_front_of_every_name" {
  command = plan

  variables {
    name_prefix           = "dev-"
    athena_workgroup      = "primary"
    alarm_topic_arns      = ["arn:aws:sns:sa-east-1:111122223333:alarms"]
    warning_topic_arns    = ["arn:aws:sns:sa-east-1:111122223333:warnings"]
    flag_create_dashboard = true
  }

  assert {
    condition = alltrue([
      for name in concat(
        values(aws_iam_policy.this)[*].name,
        values(aws_iam_role.this)[*].name,
        values(aws_lambda_function.this)[*].function_name,
        values(aws_sqs_queue.tickers)[*].name,
        values(aws_sqs_queue.dead_letters)[*].name,
        aws_cloudwatch_metric_alarm.dead_letters[*].alarm_name,
        aws_cloudwatch_metric_alarm.no_whole_day[*].alarm_name,
        values(aws_cloudwatch_metric_alarm.day)[*].alarm_name,
        values(aws_cloudwatch_metric_alarm.errors)[*].alarm_name,
        values(aws_athena_named_query.this)[*].name,
        values(aws_athena_named_query.view)[*].name,
        aws_cloudwatch_dashboard.day[*].dashboard_name,
        [
          aws_cloudwatch_event_rule.check_and_delete.name,
          aws_cloudwatch_event_rule.dedup.name,
          aws_iam_role_policy.read_queues.name,
          aws_sfn_state_machine.dedup.name,
        ],
      ) : startswith(name, "dev-")
    ])
    error_message = "A name lacks the prefix: two copies in one account would collide."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.function : startswith(group.name, "/aws/lambda/dev-")])
    error_message = "A log group lacks the prefix."
  }
  assert {
    condition     = toset(values(aws_glue_catalog_database.this)[*].name) == toset(["dev_db_pynvest_sor", "dev_db_pynvest_sot", "dev_db_pynvest_spec"])
    error_message = "A database lacks the prefix."
  }
  assert {
    condition     = !anytrue([for policy in aws_iam_policy.this : can(regex(":(function:|stateMachine:|role/)?pynvest-|/aws/lambda/pynvest-|/db_pynvest_", policy.policy))])
    error_message = "A policy names what belongs to the copy without prefix."
  }
}

run "the_longest_prefix_fits" {
  command = plan

  variables {
    name_prefix              = "abcdefghijk-"
    bucket_notification_mode = "eventbridge"
    athena_workgroup         = "primary"
    alarm_topic_arns         = ["arn:aws:sns:sa-east-1:111122223333:alarms"]
    warning_topic_arns       = ["arn:aws:sns:sa-east-1:111122223333:warnings"]
  }

  assert {
    condition = alltrue(flatten([
      for most, names in {
        64 = concat(
          values(aws_iam_role.this)[*].name,
          values(aws_lambda_function.this)[*].function_name,
          values(aws_cloudwatch_event_rule.arrival)[*].name,
          [aws_cloudwatch_event_rule.check_and_delete.name, aws_cloudwatch_event_rule.dedup.name],
        )
        80  = concat(values(aws_sqs_queue.tickers)[*].name, values(aws_sqs_queue.dead_letters)[*].name, [aws_sfn_state_machine.dedup.name])
        128 = concat(values(aws_iam_policy.this)[*].name, [aws_iam_role_policy.read_queues.name], values(aws_athena_named_query.this)[*].name, values(aws_athena_named_query.view)[*].name)
        255 = concat(
          values(aws_cloudwatch_metric_alarm.day)[*].alarm_name,
          values(aws_cloudwatch_metric_alarm.errors)[*].alarm_name,
          aws_cloudwatch_metric_alarm.dead_letters[*].alarm_name,
          aws_cloudwatch_metric_alarm.no_whole_day[*].alarm_name,
          values(aws_glue_catalog_database.this)[*].name,
        )
        512 = values(aws_cloudwatch_log_group.function)[*].name
      } : [for name in names : length(name) <= tonumber(most)]
    ]))
    error_message = "A name is longer than AWS takes: 64 characters of roles, functions and rules, 80 of queues and state machines, 128 of policies and queries."
  }
}
