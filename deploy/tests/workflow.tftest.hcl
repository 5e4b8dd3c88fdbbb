# The definition of the state machine, as AWS receives it.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  bucket_names_map = { sor = "lake-sor", sot = "lake-sot", spec = "lake-spec" }
  package          = { s3_bucket = "packages", s3_key = "pynvest-lambda-arm64.zip" }
}

run "dedups_of_this_deployment_wait_for_its_queues" {
  # Queue URLs are known after apply only.
  command = apply

  variables {
    name_prefix = "dev-"
    queue_drain = { checks = 7, seconds = 8, settle_seconds = 9 }
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.dedup.definition).States["Dedup Spec"].Parameters.FunctionName == "arn:aws:lambda:sa-east-1:111122223333:function:dev-pynvest-lambda-dedup-financial-data-for-spec-ativos"
    error_message = "The state machine invokes a function of somebody else."
  }
  assert {
    condition = [
      for branch in jsondecode(aws_sfn_state_machine.dedup.definition).States["Dedup SoT"].Branches : branch.States[branch.StartAt].Parameters.FunctionName
      ] == [
      "arn:aws:lambda:sa-east-1:111122223333:function:dev-pynvest-lambda-dedup-financial-data-for-acoes",
      "arn:aws:lambda:sa-east-1:111122223333:function:dev-pynvest-lambda-dedup-financial-data-for-fiis",
    ]
    error_message = "The two SoT tables are not deduplicated side by side."
  }
  assert {
    condition = alltrue([
      for branch in jsondecode(aws_sfn_state_machine.dedup.definition).States["Dedup SoT"].Branches :
      branch.States[branch.States[branch.StartAt].Catch[0].Next].End && contains(branch.States[branch.StartAt].Retry[0].ErrorEquals, "Lambda.TooManyRequestsException")
    ])
    error_message = "A branch does not try again, or its failure ends the other."
  }
  assert {
    condition = alltrue([
      for step in concat(
        [for branch in jsondecode(aws_sfn_state_machine.dedup.definition).States["Dedup SoT"].Branches : branch.States[branch.StartAt]],
        [jsondecode(aws_sfn_state_machine.dedup.definition).States["Dedup Spec"]],
      ) : length(setsubtract(["aws", "Lambda.Unknown"], step.Retry[1].ErrorEquals)) == 0 && step.Retry[1].MaxAttempts == 2
    ])
    error_message = "A dedup that AWS has refused something or cut off is not tried again, and the day not counted."
  }
  assert {
    condition = alltrue([
      for step in concat(
        [for branch in jsondecode(aws_sfn_state_machine.dedup.definition).States["Dedup SoT"].Branches : branch.States[branch.StartAt]],
        [jsondecode(aws_sfn_state_machine.dedup.definition).States["Dedup Spec"]],
      ) : step.Parameters["Payload.$"] == "States.JsonMerge($.started, $$.Execution.Input, false)"
    ])
    error_message = "A dedup does not get the input of the execution, or computes the day by its own clock where the input has none."
  }
  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.dedup.definition).States["Begin"].Parameters.started["time.$"] == "$$.Execution.StartTime" &&
      jsondecode(aws_sfn_state_machine.dedup.definition).States["Count the check"].Parameters["started.$"] == "$.started"
    )
    error_message = "The time of the start is lost before the dedups."
  }
  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.dedup.definition).States["Dedup SoT"].Next == "Dedup Spec" &&
      jsondecode(aws_sfn_state_machine.dedup.definition).States["Dedup Spec"].Catch[0].Next == "Spec failed" &&
      jsondecode(aws_sfn_state_machine.dedup.definition).States["Did all succeed?"].Default == "Not all succeeded" &&
      jsondecode(aws_sfn_state_machine.dedup.definition).States["Not all succeeded"].Type == "Fail"
    )
    error_message = "A failure is hidden, or hides the rest."
  }
  assert {
    condition = (
      contains(jsondecode(aws_sfn_state_machine.dedup.definition).States["Did all succeed?"].Choices[0].And[*].Variable, "$.spec.whole") &&
      jsondecode(aws_sfn_state_machine.dedup.definition).States["Dedup Spec"].ResultSelector["whole.$"] == "$.Payload.body.whole" &&
      jsondecode(aws_sfn_state_machine.dedup.definition).States["Spec failed"].Parameters.whole == false &&
      strcontains(jsondecode(aws_sfn_state_machine.dedup.definition).States["Not all succeeded"].CausePath, "$.spec.reconciliation")
    )
    error_message = "A day that is not whole succeeds, or does not say what it lacks."
  }
  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.dedup.definition).States["Are both drained?"].Choices[1].NumericGreaterThanEquals == 7 &&
      jsondecode(aws_sfn_state_machine.dedup.definition).States["Wait for the queues"].Seconds == 8 &&
      jsondecode(aws_sfn_state_machine.dedup.definition).States["Let prep and specialize end"].Seconds == 9
    )
    error_message = "The wait is not as long as was asked for."
  }
  assert {
    condition = jsondecode(aws_iam_role_policy.read_queues.policy).Statement[0].Resource == [
      "arn:aws:sqs:sa-east-1:111122223333:dev-pynvest-tickers-acoes-queue",
      "arn:aws:sqs:sa-east-1:111122223333:dev-pynvest-tickers-fiis-queue",
    ]
    error_message = "The state machine may not look at its queues."
  }
  assert {
    condition = alltrue([
      for arn in jsondecode(aws_iam_policy.this["pynvest-invoke-lambda-functions"].policy).Statement[1].Resource : strcontains(aws_sfn_state_machine.dedup.definition, "\"${arn}\"")
    ])
    error_message = "The state machine may invoke a function that it does not."
  }
}
