locals {
  state_machine_name = "${var.name_prefix}pynvest-sfn-dedup-sot-spec-tables"
  state_machine_arn  = "arn:${local.partition}:states:${local.region}:${local.account_id}:stateMachine:${local.state_machine_name}"

  dedups = [for name, function in local.functions : local.function_arns[name] if function.role == "pynvest-lambda-dedup-financial-data"]

  # Lambda first, then what may pass by itself. Lambda.Unknown: out of memory or out of time.
  dedup_retry = [
    {
      ErrorEquals     = ["Lambda.ClientExecutionTimeoutException", "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException"]
      IntervalSeconds = 2
      MaxAttempts     = 5
      BackoffRate     = 2
    },
    {
      ErrorEquals     = ["aws", "contended", "Runtime.ExitError", "Sandbox.Timedout", "Lambda.Unknown"]
      IntervalSeconds = 30
      MaxAttempts     = 2
      BackoffRate     = 2
    },
  ]
}

resource "aws_sfn_state_machine" "dedup" {
  name     = local.state_machine_name
  role_arn = aws_iam_role.this["pynvest-sfn-invoke-lambda-functions"].arn
  tags     = var.module_default_tags

  definition = templatefile("${path.module}/workflow.asl.json.tftpl", {
    partition      = local.partition
    acoes_queue    = aws_sqs_queue.tickers["acoes"].url
    fiis_queue     = aws_sqs_queue.tickers["fiis"].url
    dedup_acoes    = local.function_arns["pynvest-lambda-dedup-financial-data-for-acoes"]
    dedup_fiis     = local.function_arns["pynvest-lambda-dedup-financial-data-for-fiis"]
    dedup_spec     = local.function_arns["pynvest-lambda-dedup-financial-data-for-spec-ativos"]
    checks         = var.queue_drain.checks
    seconds        = var.queue_drain.seconds
    settle_seconds = var.queue_drain.settle_seconds
    retry          = jsonencode(local.dedup_retry)
  })

  depends_on = [
    aws_lambda_function.this,
    aws_iam_role_policy_attachment.this,
    aws_iam_role_policy.read_queues,
  ]
}

# Not in one of the nine policies: the role's own two are about invoking and starting, and no other role needs this.
resource "aws_iam_role_policy" "read_queues" {
  name = "${var.name_prefix}pynvest-read-tickers-queues"
  role = aws_iam_role.this["pynvest-sfn-invoke-lambda-functions"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "SeeWhetherTheQueuesAreDrained"
      Effect   = "Allow"
      Action   = "sqs:GetQueueAttributes"
      Resource = values(local.queue_arns)
    }]
  })
}
