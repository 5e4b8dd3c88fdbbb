# The two rules that start the day and end it. EventBridge rules count in UTC and know no time zone; São Paulo has been
# at -03:00 all year since 2019, so 18:45 and 19:00 there are always 21:45 and 22:00 here.

locals {
  dedup_rule_name = "${var.name_prefix}trigger-pynvest-sfn-dedup-sot-spec-tables"
  dedup_rule_arn  = "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/${local.dedup_rule_name}"
}

resource "aws_cloudwatch_event_rule" "check_and_delete" {
  name                = "${var.name_prefix}trigger-pynvest-lambda-check-and-delete-partitions"
  description         = "Starts the day of pynvest; by default at 18:45 in São Paulo"
  schedule_expression = var.schedules.check_and_delete
  tags                = var.module_default_tags
}

resource "aws_cloudwatch_event_target" "check_and_delete" {
  rule = aws_cloudwatch_event_rule.check_and_delete.name
  arn  = aws_lambda_function.this["pynvest-lambda-check-and-delete-partitions"].arn

  # The day starts only where all that follows is in place.
  depends_on = [
    aws_lambda_event_source_mapping.tickers,
    aws_lambda_function_event_invoke_config.this,
    aws_lambda_permission.check_and_delete,
  ]
}

resource "aws_lambda_permission" "check_and_delete" {
  statement_id  = "schedule"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["pynvest-lambda-check-and-delete-partitions"].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.check_and_delete.arn
}

resource "aws_cloudwatch_event_rule" "dedup" {
  name                = local.dedup_rule_name
  description         = "Starts the deduplication of pynvest; by default at 19:00 in São Paulo"
  schedule_expression = var.schedules.dedup
  tags                = var.module_default_tags
}

resource "aws_cloudwatch_event_target" "dedup" {
  rule     = aws_cloudwatch_event_rule.dedup.name
  arn      = aws_sfn_state_machine.dedup.arn
  role_arn = aws_iam_role.this["pynvest-sfn-invoke-lambda-functions"].arn

  depends_on = [aws_iam_role_policy_attachment.this]
}
