# Who may do what: no action or resource is a bare star, everything is of this deployment, and whoever starts a function may.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  bucket_names_map = { sor = "lake-sor", sot = "lake-sot", spec = "lake-spec" }
  package          = { s3_bucket = "packages", s3_key = "pynvest-lambda-arm64.zip" }
}

run "policies_name_their_actions_and_resources" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_policy.this : [
        for statement in jsondecode(policy.policy).Statement : [for action in flatten([statement.Action]) : can(regex("^[a-z0-9]+:[A-Z][A-Za-z]+$", action))]
      ]
    ]))
    error_message = "A policy allows an action with a star."
  }
  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_policy.this : [
        for statement in jsondecode(policy.policy).Statement : [
          for resource in flatten([statement.Resource]) :
          can(regex("^arn:aws:(s3:::lake-(sor|sot|spec)(/((_(rejected|doubts|profile|waiting|pages|reconciliation)/)?tb(sor|sot|spec)_[a-z_]+|_reconciliation/(acoes|fiis))/\\*)?|(sqs|glue|logs|lambda|states):sa-east-1:111122223333:[^*]+(:\\*)?)$", resource))
        ]
      ]
    ]))
    error_message = "A policy allows a resource that is not of this deployment, or has a star elsewhere than at the end of a table or a log group."
  }
  assert {
    condition     = alltrue(flatten([for policy in aws_iam_policy.this : [for statement in jsondecode(policy.policy).Statement : can(statement.Sid) && statement.Effect == "Allow"]]))
    error_message = "A statement does not say what it is for."
  }
  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_policy.this : [
        for statement in jsondecode(policy.policy).Statement : can(statement.Condition.StringLike["s3:prefix"]) if contains(flatten([statement.Action]), "s3:ListBucket")
      ]
    ]))
    error_message = "A bucket may be listed beyond the tables."
  }
  assert {
    condition     = length([for policy in aws_iam_policy.this : policy if strcontains(policy.policy, "kms:")]) == 0
    error_message = "A policy speaks of a key where there is none."
  }
}

run "policies_fit_with_the_longest_names" {
  command = plan

  override_data {
    target = data.aws_s3_bucket.must_exist
    values = { bucket_regional_domain_name = "lake.s3.us-gov-west-1.amazonaws.com" }
  }
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-us-gov", dns_suffix = "amazonaws.com" }
  }
  override_data {
    target = data.aws_region.current
    values = { id = "us-gov-west-1" }
  }

  variables {
    name_prefix      = "abcdefghijk-"
    iam_path         = "/${join("", [for i in range(510) : "p"])}/"
    kms_key_arn      = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    bucket_names_map = { sor = join("", [for i in range(63) : "a"]), sot = join("", [for i in range(63) : "b"]), spec = join("", [for i in range(63) : "c"]) }
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.this : length(replace(policy.policy, "/\\s/", "")) <= 6144])
    error_message = "A policy is longer than the 6144 characters that IAM takes: ${jsonencode({ for name, policy in aws_iam_policy.this : name => length(replace(policy.policy, "/\\s/", "")) })}"
  }
}

run "statements_grant_what_the_functions_call" {
  command = plan

  assert {
    condition = {
      for name, policy in aws_iam_policy.this : name => sort(distinct(flatten([for statement in jsondecode(policy.policy).Statement : statement.Action])))
      } == {
      pynvest-store-cloudwatch-logs       = tolist(["logs:CreateLogStream", "logs:PutLogEvents"])
      pynvest-check-and-delete-partitions = tolist(["glue:DeletePartition", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "sqs:SendMessage"])
      pynvest-invoke-lambda-functions     = tolist(["lambda:InvokeFunction"])
      pynvest-invoke-state-machines       = tolist(["states:StartExecution"])
      pynvest-send-msgs-to-tickers-queues = tolist(["s3:GetObject", "s3:ListBucket", "s3:PutObject", "sqs:SendMessage"])
      pynvest-share-sor-financial-data    = tolist(["glue:CreatePartition", "glue:GetPartition", "glue:GetTable", "glue:UpdatePartition", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"])
      pynvest-share-sot-financial-data    = tolist(["glue:CreatePartition", "glue:GetPartition", "glue:GetTable", "glue:UpdatePartition", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "sqs:SendMessage"])
      pynvest-share-spec-financial-data   = tolist(["glue:CreatePartition", "glue:GetPartition", "glue:GetTable", "glue:UpdatePartition", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "sqs:SendMessage"])
      pynvest-dedup-financial-data        = tolist(["glue:CreatePartition", "glue:GetPartition", "glue:GetTable", "glue:UpdatePartition", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "sqs:GetQueueAttributes"])
    }
    error_message = "A policy allows more or less than it is for."
  }
  assert {
    condition     = jsondecode(aws_iam_policy.this["pynvest-invoke-state-machines"].policy).Statement[0].Resource == "arn:aws:states:sa-east-1:111122223333:stateMachine:pynvest-sfn-dedup-sot-spec-tables"
    error_message = "The rule may start something else than the state machine."
  }
  assert {
    condition = {
      for name, policy in aws_iam_policy.this : name => {
        for action in ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"] : action => [
          for resource in flatten([for statement in jsondecode(policy.policy).Statement : statement.Resource if contains(flatten([statement.Action]), action)]) :
          trimprefix(resource, "arn:aws:s3:::lake-")
        ]
      } if strcontains(policy.policy, "Object\"")
      } == {
      pynvest-check-and-delete-partitions = {
        "s3:GetObject" = [
          "sot/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/tbsot_fundamentus_indicadores_fiis_prep/*",
          "spec/tbspec_fundamentus_cotacao_ativos/*",
          "sot/_profile/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_profile/tbsot_fundamentus_indicadores_fiis_prep/*",
        ]
        "s3:PutObject" = [
          "sot/_profile/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_profile/tbsot_fundamentus_indicadores_fiis_prep/*",
        ]
        "s3:DeleteObject" = [
          "sor/tbsor_fundamentus_indicadores_acoes_raw/*",
          "sor/tbsor_fundamentus_indicadores_fiis_raw/*",
          "sor/_doubts/tbsor_fundamentus_indicadores_acoes_raw/*",
          "sor/_doubts/tbsor_fundamentus_indicadores_fiis_raw/*",
          "sot/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_doubts/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_doubts/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_waiting/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_waiting/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_profile/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_profile/tbsot_fundamentus_indicadores_fiis_prep/*",
          "spec/tbspec_fundamentus_cotacao_ativos/*",
        ]
      }
      pynvest-share-sor-financial-data = {
        "s3:GetObject" = [
          "sor/_pages/tbsor_fundamentus_indicadores_acoes_raw/*",
          "sor/_pages/tbsor_fundamentus_indicadores_fiis_raw/*",
        ]
        "s3:PutObject" = [
          "sor/tbsor_fundamentus_indicadores_acoes_raw/*",
          "sor/tbsor_fundamentus_indicadores_fiis_raw/*",
          "sor/_doubts/tbsor_fundamentus_indicadores_acoes_raw/*",
          "sor/_doubts/tbsor_fundamentus_indicadores_fiis_raw/*",
          "sor/_pages/tbsor_fundamentus_indicadores_acoes_raw/*",
          "sor/_pages/tbsor_fundamentus_indicadores_fiis_raw/*",
        ]
        "s3:DeleteObject" = []
      }
      pynvest-send-msgs-to-tickers-queues = {
        "s3:GetObject" = [
          "sot/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_profile/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_profile/tbsot_fundamentus_indicadores_fiis_prep/*",
        ]
        "s3:PutObject" = [
          "sot/_profile/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_profile/tbsot_fundamentus_indicadores_fiis_prep/*",
          "spec/_reconciliation/acoes/*",
          "spec/_reconciliation/fiis/*",
        ]
        "s3:DeleteObject" = []
      }
      pynvest-share-sot-financial-data = {
        "s3:GetObject" = [
          "sor/tbsor_fundamentus_indicadores_acoes_raw/*",
          "sor/tbsor_fundamentus_indicadores_fiis_raw/*",
          "sot/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_fiis_prep/*",
        ]
        "s3:PutObject" = [
          "sot/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_doubts/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_doubts/tbsot_fundamentus_indicadores_fiis_prep/*",
        ]
        "s3:DeleteObject" = []
      }
      pynvest-share-spec-financial-data = {
        "s3:GetObject" = [
          "sot/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/tbsot_fundamentus_indicadores_fiis_prep/*",
          "spec/tbspec_fundamentus_cotacao_ativos/*",
        ]
        "s3:PutObject"    = ["spec/tbspec_fundamentus_cotacao_ativos/*"]
        "s3:DeleteObject" = []
      }
      pynvest-dedup-financial-data = {
        "s3:GetObject" = [
          "sor/tbsor_fundamentus_indicadores_acoes_raw/*",
          "sor/tbsor_fundamentus_indicadores_fiis_raw/*",
          "sor/_doubts/tbsor_fundamentus_indicadores_acoes_raw/*",
          "sor/_doubts/tbsor_fundamentus_indicadores_fiis_raw/*",
          "sot/_profile/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_profile/tbsot_fundamentus_indicadores_fiis_prep/*",
          "spec/_reconciliation/acoes/*",
          "spec/_reconciliation/fiis/*",
          "sot/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/tbsot_fundamentus_indicadores_fiis_prep/*",
          "spec/tbspec_fundamentus_cotacao_ativos/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_doubts/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_doubts/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_waiting/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_waiting/tbsot_fundamentus_indicadores_fiis_prep/*",
        ]
        "s3:PutObject" = [
          "sot/_profile/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_profile/tbsot_fundamentus_indicadores_fiis_prep/*",
          "spec/_reconciliation/acoes/*",
          "spec/_reconciliation/fiis/*",
          "spec/_reconciliation/tbspec_fundamentus_cotacao_ativos/*",
          "sot/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/tbsot_fundamentus_indicadores_fiis_prep/*",
          "spec/tbspec_fundamentus_cotacao_ativos/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_doubts/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_doubts/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_waiting/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_waiting/tbsot_fundamentus_indicadores_fiis_prep/*",
        ]
        "s3:DeleteObject" = [
          "sot/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/tbsot_fundamentus_indicadores_fiis_prep/*",
          "spec/tbspec_fundamentus_cotacao_ativos/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_rejected/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_doubts/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_doubts/tbsot_fundamentus_indicadores_fiis_prep/*",
          "sot/_waiting/tbsot_fundamentus_indicadores_acoes_prep/*",
          "sot/_waiting/tbsot_fundamentus_indicadores_fiis_prep/*",
        ]
      }
    }
    error_message = "A role reads, writes or deletes other objects."
  }
  assert {
    condition = {
      for name, policy in aws_iam_policy.this : name => sort([
        for resource in flatten([for statement in jsondecode(policy.policy).Statement : statement.Resource if strcontains(jsonencode(statement.Action), "glue:")]) :
        regex("[a-z_]+$", resource) if strcontains(resource, ":table/")
      ]) if strcontains(policy.policy, "glue:")
      } == {
      pynvest-check-and-delete-partitions = tolist(keys(local.tables))
      pynvest-share-sor-financial-data    = tolist([for table, declared in local.tables : table if declared.layer == "sor"])
      pynvest-share-sot-financial-data    = tolist([for table, declared in local.tables : table if declared.layer == "sot"])
      pynvest-share-spec-financial-data   = tolist([for table, declared in local.tables : table if declared.layer == "spec"])
      pynvest-dedup-financial-data        = tolist(keys(local.tables))
    }
    error_message = "A role changes the partitions of other tables."
  }
}

run "trust_is_as_narrow_as_the_names_allow" {
  command = plan

  assert {
    condition = { for key, role in aws_iam_role.this : key => jsondecode(role.assume_role_policy).Statement[*].Principal.Service } == {
      pynvest-lambda-check-and-delete-partitions = ["lambda.amazonaws.com"]
      pynvest-lambda-send-msgs-to-tickers-queues = ["lambda.amazonaws.com"]
      pynvest-lambda-share-sor-financial-data    = ["lambda.amazonaws.com"]
      pynvest-lambda-share-sot-financial-data    = ["lambda.amazonaws.com"]
      pynvest-lambda-share-spec-financial-data   = ["lambda.amazonaws.com"]
      pynvest-lambda-dedup-financial-data        = ["lambda.amazonaws.com"]
      pynvest-sfn-invoke-lambda-functions        = ["events.amazonaws.com", "states.amazonaws.com"]
    }
    error_message = "A role is assumed by another service."
  }
  assert {
    condition = [
      for statement in jsondecode(aws_iam_role.this["pynvest-sfn-invoke-lambda-functions"].assume_role_policy).Statement :
      [statement.Condition.ArnEquals["aws:SourceArn"], statement.Condition.StringEquals["aws:SourceAccount"]]
      ] == [
      ["arn:aws:events:sa-east-1:111122223333:rule/trigger-pynvest-sfn-dedup-sot-spec-tables", "111122223333"],
      ["arn:aws:states:sa-east-1:111122223333:stateMachine:pynvest-sfn-dedup-sot-spec-tables", "111122223333"],
    ]
    error_message = "Another rule or state machine can assume the role."
  }
}

run "another_region_of_another_partition" {
  command = plan

  override_data {
    target = data.aws_s3_bucket.must_exist
    values = { bucket_regional_domain_name = "lake.s3.us-gov-west-1.amazonaws.com" }
  }
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-us-gov", dns_suffix = "amazonaws.com" }
  }
  override_data {
    target = data.aws_region.current
    values = { id = "us-gov-west-1" }
  }

  assert {
    condition = !anytrue([
      for text in concat(
        values(aws_iam_policy.this)[*].policy,
        values(aws_iam_role.this)[*].assume_role_policy,
        values(aws_sqs_queue.dead_letters)[*].redrive_allow_policy,
        values(aws_lambda_permission.bucket)[*].source_arn,
        [aws_iam_role_policy.read_queues.policy],
      ) : strcontains(text, "arn:aws:") || strcontains(text, "sa-east-1")
    ])
    error_message = "An ARN is of the wrong partition or region."
  }
}

run "a_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:sa-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  assert {
    condition = alltrue([
      for queue in concat(values(aws_sqs_queue.tickers), values(aws_sqs_queue.dead_letters), [aws_sqs_queue.dead_events]) : queue.kms_master_key_id == var.kms_key_arn
    ])
    error_message = "A queue is not encrypted with the key."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.function : group.kms_key_id == var.kms_key_arn])
    error_message = "A log group is not encrypted with the key."
  }
  assert {
    condition = toset([for name, policy in aws_iam_policy.this : name if strcontains(policy.policy, var.kms_key_arn)]) == toset([
      "pynvest-check-and-delete-partitions",
      "pynvest-send-msgs-to-tickers-queues",
      "pynvest-share-sor-financial-data",
      "pynvest-share-sot-financial-data",
      "pynvest-share-spec-financial-data",
      "pynvest-dedup-financial-data",
    ])
    error_message = "Not just those that read or write what is encrypted may use the key."
  }
  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_policy.this : [
        for statement in jsondecode(policy.policy).Statement : can(statement.Condition.StringEquals["kms:ViaService"]) if strcontains(jsonencode(statement.Action), "kms:")
      ]
    ]))
    error_message = "The key may be used by other ways than S3 and SQS."
  }
}

run "each_notification_has_its_permission" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for bucket, notification in aws_s3_bucket_notification.this : [
        for part in notification.lambda_function : anytrue([
          for permission in values(aws_lambda_permission.bucket) : (
            permission.principal == "s3.amazonaws.com" &&
            permission.source_arn == "arn:aws:s3:::${bucket}" &&
            permission.source_account == "111122223333" &&
            permission.function_name == local.tables[part.id].starts
          )
        ])
      ]
    ]))
    error_message = "S3 may not start a function that it should start, or a bucket of somebody else may."
  }
  assert {
    condition = alltrue(flatten([
      for notification in values(aws_s3_bucket_notification.this) : [
        for part in notification.lambda_function :
        part.filter_prefix == "${part.id}/" && part.filter_suffix == ".part.parquet" && part.events == toset(["s3:ObjectCreated:*"])
      ]
    ]))
    error_message = "A notification misses new objects, or tells of what dedup writes."
  }
  assert {
    condition     = aws_lambda_permission.check_and_delete.principal == "events.amazonaws.com" && length(aws_cloudwatch_event_rule.arrival) == 0
    error_message = "The schedule may not start the day."
  }
}

run "notifications_through_eventbridge" {
  command = plan

  variables {
    bucket_notification_mode = "eventbridge"
  }

  assert {
    condition     = length(aws_s3_bucket_notification.this) == 0 && length(aws_lambda_permission.bucket) == 0
    error_message = "The configuration of a bucket is touched."
  }
  assert {
    condition = { for rule in aws_cloudwatch_event_rule.arrival : rule.name => jsondecode(rule.event_pattern).detail } == {
      trigger-pynvest-lambda-prep-financial-data-for-acoes = {
        bucket = { name = ["lake-sor"] }
        object = { key = [{ wildcard = "tbsor_fundamentus_indicadores_acoes_raw/*.part.parquet" }] }
      }
      trigger-pynvest-lambda-prep-financial-data-for-fiis = {
        bucket = { name = ["lake-sor"] }
        object = { key = [{ wildcard = "tbsor_fundamentus_indicadores_fiis_raw/*.part.parquet" }] }
      }
      trigger-pynvest-lambda-specialize-financial-data = {
        bucket = { name = ["lake-sot"] }
        object = { key = [
          { wildcard = "tbsot_fundamentus_indicadores_acoes_prep/*.part.parquet" },
          { wildcard = "tbsot_fundamentus_indicadores_fiis_prep/*.part.parquet" },
        ] }
      }
    }
    error_message = "A rule looks at other objects."
  }
  assert {
    condition = (
      toset(keys(aws_cloudwatch_event_target.arrival)) == toset(keys(aws_cloudwatch_event_rule.arrival)) &&
      toset(keys(aws_lambda_permission.arrival)) == toset(keys(aws_cloudwatch_event_rule.arrival))
    )
    error_message = "A rule has no target, or may not start it."
  }
}

run "notifications_left_to_the_user" {
  command = apply

  variables {
    bucket_notification_mode = "none"
  }

  assert {
    condition     = length(aws_s3_bucket_notification.this) == 0 && length(aws_cloudwatch_event_rule.arrival) == 0 && length(aws_lambda_permission.bucket) == 3
    error_message = "Something else is made than the permissions of the user's notifications."
  }
  assert {
    condition = { for bucket, parts in output.bucket_notifications : bucket => parts[*].filter_prefix } == {
      lake-sor = ["tbsor_fundamentus_indicadores_acoes_raw/", "tbsor_fundamentus_indicadores_fiis_raw/"]
      lake-sot = ["tbsot_fundamentus_indicadores_acoes_prep/", "tbsot_fundamentus_indicadores_fiis_prep/"]
    }
    error_message = "The output does not say what to add."
  }
}

run "roles_without_path_and_boundary" {
  command = plan

  assert {
    condition = (
      alltrue([for role in aws_iam_role.this : role.path == "/" && role.permissions_boundary == null]) &&
      alltrue([for policy in aws_iam_policy.this : policy.path == "/"])
    )
    error_message = "A role or a policy has a path, or a role a boundary, that nobody asked for."
  }
}

run "every_role_and_policy_has_the_path_and_every_role_the_boundary" {
  command = plan

  variables {
    iam_path                 = "/data/pynvest/"
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.this : role.path == "/data/pynvest/" && role.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary"])
    error_message = "A role lacks the path or the boundary."
  }
  assert {
    condition     = alltrue([for policy in aws_iam_policy.this : policy.path == "/data/pynvest/"])
    error_message = "A policy lacks the path."
  }
  # IAM compares the whole ARN, path included: without it the state machine could invoke nothing.
  assert {
    condition     = jsondecode(aws_iam_policy.this["pynvest-invoke-lambda-functions"].policy).Statement[1].Condition.ArnEquals["aws:PrincipalArn"] == "arn:aws:iam::111122223333:role/data/pynvest/pynvest-sfn-invoke-lambda-functions"
    error_message = "The role of the state machine is not the one that may invoke the dedup functions."
  }
}
