# An account in a region, and ARNs that the provider takes for valid where it asks for one.

mock_data "aws_caller_identity" {
  defaults = { account_id = "111122223333" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_region" {
  defaults = { id = "sa-east-1" }
}

mock_data "aws_s3_bucket" {
  defaults = { bucket_regional_domain_name = "mock.s3.sa-east-1.amazonaws.com" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::111122223333:role/mock" }
}

mock_resource "aws_iam_policy" {
  defaults = { arn = "arn:aws:iam::111122223333:policy/mock" }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:sa-east-1:111122223333:mock"
    url = "https://sqs.sa-east-1.amazonaws.com/111122223333/mock"
  }
}

mock_resource "aws_lambda_function" {
  defaults = { arn = "arn:aws:lambda:sa-east-1:111122223333:function:mock" }
}

mock_resource "aws_sfn_state_machine" {
  defaults = { arn = "arn:aws:states:sa-east-1:111122223333:stateMachine:mock" }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = { arn = "arn:aws:events:sa-east-1:111122223333:rule/mock" }
}
