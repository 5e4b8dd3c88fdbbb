# Seven roles and nine policies. The text of each policy is in policies/, under its name without prefix.

locals {
  # Every role by its name without prefix: the policies it carries.
  roles = {
    pynvest-lambda-check-and-delete-partitions = [
      "pynvest-store-cloudwatch-logs", "pynvest-check-and-delete-partitions", "pynvest-invoke-lambda-functions",
    ]
    pynvest-lambda-send-msgs-to-tickers-queues = ["pynvest-store-cloudwatch-logs", "pynvest-send-msgs-to-tickers-queues"]
    pynvest-lambda-share-sor-financial-data    = ["pynvest-store-cloudwatch-logs", "pynvest-share-sor-financial-data"]
    pynvest-lambda-share-sot-financial-data    = ["pynvest-store-cloudwatch-logs", "pynvest-share-sot-financial-data"]
    pynvest-lambda-share-spec-financial-data   = ["pynvest-store-cloudwatch-logs", "pynvest-share-spec-financial-data"]
    pynvest-lambda-dedup-financial-data        = ["pynvest-store-cloudwatch-logs", "pynvest-dedup-financial-data"]
    pynvest-sfn-invoke-lambda-functions        = ["pynvest-invoke-lambda-functions", "pynvest-invoke-state-machines"]
  }

  policies = {
    pynvest-store-cloudwatch-logs       = "Write the logs of the functions of pynvest"
    pynvest-check-and-delete-partitions = "List, compare and delete a day's objects and partitions in the five tables of pynvest"
    pynvest-invoke-lambda-functions     = "Invoke the functions of pynvest that another step hands over to"
    pynvest-invoke-state-machines       = "Start the state machine of pynvest"
    pynvest-send-msgs-to-tickers-queues = "Send messages to the two ticker queues of pynvest"
    pynvest-share-sor-financial-data    = "Take messages from the ticker queues, write objects and register partitions of SoR"
    pynvest-share-sot-financial-data    = "Read SoR, write objects and register partitions of SoT"
    pynvest-share-spec-financial-data   = "Read SoT, write objects and register partitions of Spec"
    pynvest-dedup-financial-data        = "Read, write and replace objects and partitions of SoT and Spec"
  }

  # What a policy says of a layer. Where layers share a bucket or a database the statements still name only their tables.
  layers = {
    for layer, bucket in var.bucket_names_map : layer => {
      bucket = "arn:${local.partition}:s3:::${bucket}"
      objects = [
        for table, declared in local.tables : "arn:${local.partition}:s3:::${bucket}/${table}/*" if declared.layer == layer
      ]
      prefixes = [for table, declared in local.tables : "${table}/*" if declared.layer == layer]
      # The sidecars of the tables, in the bucket of their layer, by kind.
      beside = {
        for what in ["rejected", "doubts", "profile", "waiting", "pages"] : what => {
          objects  = [for table, declared in local.tables : "arn:${local.partition}:s3:::${bucket}/_${what}/${table}/*" if declared.layer == layer]
          prefixes = [for table, declared in local.tables : "_${what}/${table}/*" if declared.layer == layer]
        }
      }
      # Glue asks for the permission on the catalogue and the database as well as on the table.
      catalog = concat(
        ["${local.glue}:catalog", "${local.glue}:database/${local.databases[layer]}"],
        [for table, declared in local.tables : "${local.glue}:table/${local.databases[layer]}/${table}" if declared.layer == layer],
      )
    }
  }
  glue = "arn:${local.partition}:glue:${local.region}:${local.account_id}"

  # All that the templates may name.
  policy_values = {
    sor  = local.layers.sor
    sot  = local.layers.sot
    spec = local.layers.spec
    # The sent tickers and the report of a class, and the end of the day, are sidecars of Spec.
    class_objects  = [for class in ["acoes", "fiis"] : "arn:${local.partition}:s3:::${var.bucket_names_map.spec}/_reconciliation/${class}/*"]
    class_prefixes = [for class in ["acoes", "fiis"] : "_reconciliation/${class}/*"]
    day_objects    = ["arn:${local.partition}:s3:::${var.bucket_names_map.spec}/_reconciliation/tbspec_fundamentus_cotacao_ativos/*"]
    log_streams = [
      for name in keys(local.functions) :
      "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/${var.name_prefix}${name}:*"
    ]
    queues             = values(local.queue_arns)
    dead_letters       = local.dead_letter_arns
    dead_events        = local.dead_events_arn
    get_tickers        = local.function_arns["pynvest-lambda-get-tickers"]
    dedups             = local.dedups
    state_machine      = local.state_machine_arn
    state_machine_role = "arn:${local.partition}:iam::${local.account_id}:role${var.iam_path}${var.name_prefix}pynvest-sfn-invoke-lambda-functions"
    kms_key            = var.kms_key_arn
    kms_via_s3         = "s3.${local.region}.${data.aws_partition.current.dns_suffix}"
    kms_via_sqs        = "sqs.${local.region}.${data.aws_partition.current.dns_suffix}"
  }

  trust = {
    # Functions have no condition: a role is bound to a function by who may pass it, and Lambda does not document
    # aws:SourceArn for its own role.
    lambda = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "AssumedByFunctions"
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "lambda.amazonaws.com" }
      }]
    })
    workflow = jsonencode({
      Version = "2012-10-17"
      Statement = [
        for service, source in { states = local.state_machine_arn, events = local.dedup_rule_arn } : {
          Sid                           = "AssumedBy${title(service)}"
          Effect                        = "Allow"
          Action                        = "sts:AssumeRole"
          Principal                     = { Service = "${service}.amazonaws.com" }
          Condition = {
            ArnEquals    = { "aws:SourceArn" = source }
            StringEquals = { "aws:SourceAccount" = local.account_id }
          }
        }
      ]
    })
  }
}

resource "aws_iam_policy" "this" {
  for_each = local.policies

  name        = "${var.name_prefix}${each.key}"
  path        = var.iam_path
  description = each.value
  policy      = templatefile("${path.module}/policies/${each.key}.json.tftpl", local.policy_values)
  tags        = var.module_default_tags
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name                 = "${var.name_prefix}${each.key}"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = each.key == "pynvest-sfn-invoke-lambda-functions" ? local.trust.workflow : local.trust.lambda
  tags                 = var.module_default_tags
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = merge([
    for role, policies in local.roles : { for policy in policies : "${role}/${policy}" => { role = role, policy = policy } }
  ]...)

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = aws_iam_policy.this[each.value.policy].arn
}
