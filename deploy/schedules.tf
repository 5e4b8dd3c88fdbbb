# The two rules that start the day and end it. EventBridge rules count in UTC and know no time zone; São Paulo has been
# at -03:00 all year since 2019, so 18:45 and 19:00 there are always 21:45 and 22:00 here.

locals {
  # What EventBridge takes for a field: values, ranges, steps and lists.
  cron_values = {
    date    = "([12]?[1-9]|[123]0|0[1-9]|31)"
    month   = "(1[0-2]|0?[1-9]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
    weekday = "([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)"
    year    = "(19[7-9][0-9]|20[0-9][0-9]|21[0-9][0-9])"
  }
  cron_fields = {
    for field, value in local.cron_values : field => "(\\*|${value}(-${value})?)(/[1-9][0-9]*)?(,${value}(-${value})?(/[1-9][0-9]*)?)*"
  }
  # In parts, so that a message that names it does not show it all.
  cron = [
    "^cron\\(([0-5]?[0-9]) ([01]?[0-9]|2[0-3]) ",
    "((${local.cron_fields.date}|LW?|${local.cron_values.date}W) ${local.cron_fields.month} \\?",
    "|\\? ${local.cron_fields.month} (${local.cron_fields.weekday}|L|${local.cron_values.weekday}(L|#[1-5])))",
    " ${local.cron_fields.year}\\)$",
  ]

  # Dates that no month of the expression has.
  cron_never = join("|", [
    " 3[01](-31)?(,3[01](-31)?)* (0?2|FEB)(,(0?2|FEB))* ",
    " 31(,31)* (0?[2469]|11|FEB|APR|JUN|SEP|NOV)(,(0?[2469]|11|FEB|APR|JUN|SEP|NOV))* ",
  ])

  # Each schedule as São Paulo sees it, or null if it cannot be read: the minute of its day, and its days. Those are days of
  # the week, from 1 for Sunday, if nothing else chooses among them; else `others` has the fields as they are, and how many
  # days the date in UTC is ahead.
  weekday_numbers = { SUN = 1, MON = 2, TUE = 3, WED = 4, THU = 5, FRI = 6, SAT = 7 }
  schedule_fields = { for rule, expression in var.schedules : rule => regexall("[^ ()]+", trimprefix(expression, "cron")) }
  schedule_days = {
    for rule, field in local.schedule_fields : rule => try([
      for part in split(",", replace(field[4], "/^[*?]$/", "SUN-SAT")) :
      [for bound in split("-", part) : tonumber(lookup(local.weekday_numbers, bound, bound))] if replace(join(" ", [field[2], field[3], field[5]]), "?", "*") == "* * *"
    ], [])
  }
  schedule = {
    for rule, field in local.schedule_fields : rule => try({
      minute = (60 * field[1] + field[0] + 21 * 60) % (24 * 60)
      weekdays = [
        for day in range(1, 8) : day if anytrue([
          for span in local.schedule_days[rule] : contains(
            [for further in range((span[length(span) - 1] - span[0] + 7) % 7 + 1) : (span[0] + further - 1) % 7 + 1],
            field[1] < 3 ? day % 7 + 1 : day,
          )
        ])
      ]
      others = length(local.schedule_days[rule]) > 0 ? "" : "${join(" ", slice(field, 2, 6))} ${field[1] < 3 ? 1 : 0}"
    }, null)
  }

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

  # Here and not at the variable, which may not refer to what is computed of it.
  lifecycle {
    precondition {
      condition     = local.schedule.check_and_delete.weekdays == local.schedule.dedup.weekdays && local.schedule.check_and_delete.others == local.schedule.dedup.others
      error_message = "schedules.check_and_delete and schedules.dedup lie on different days at -03:00: what one starts the other must end. Before 3:00 in UTC the day there is the one before, so that cron(30 23 ? * MON-FRI *) belongs with cron(30 0 ? * TUE-SAT *)."
    }
    precondition {
      condition     = local.schedule.check_and_delete.minute + 5 <= local.schedule.dedup.minute
      error_message = "schedules.dedup is not five minutes or more later on the day at -03:00 than schedules.check_and_delete: it would end a day that has not begun, because queues to which nothing has been sent yet are empty."
    }
  }
}

resource "aws_cloudwatch_event_target" "dedup" {
  rule     = aws_cloudwatch_event_rule.dedup.name
  arn      = aws_sfn_state_machine.dedup.arn
  role_arn = aws_iam_role.this["pynvest-sfn-invoke-lambda-functions"].arn

  depends_on = [aws_iam_role_policy_attachment.this]
}
