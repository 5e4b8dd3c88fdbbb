"""The stand-in itself: that it refuses what AWS refuses. `python -m unittest discover deploy/e2e`, no Terraform needed."""

import dataclasses
import json
import secrets
import tempfile
import time
import unittest
from pathlib import Path

from botocore.exceptions import ClientError

from local_aws import policy
from local_aws.cloud import LocalAws
from package import zipped

ACCOUNT = "123456789012"

# A function that answers with its event, fails if told to, and gives back the messages that say "bad".
PROGRAM = """#!/usr/bin/env python3
import json, os, urllib.request as http
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while True:
    with http.urlopen(f"{api}/next") as call:
        event, request = json.load(call), call.headers["Lambda-Runtime-Aws-Request-Id"]
    print("handler", os.environ["_HANDLER"], flush=True)
    records = event.get("Records", [])
    bad = [{"itemIdentifier": record["messageId"]} for record in records if record.get("body") == "bad"]
    end = "error" if event.get("fail") else "response"
    http.urlopen(http.Request(f"{api}/{request}/{end}", json.dumps({"event": event, "batchItemFailures": bad}).encode())).close()
"""


def statement(action, resource, **more):
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource} | more]}
    )


def trust(service, **condition):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}} | condition,
        }
    )


class Decisions(unittest.TestCase):
    def allows(self, document, action, resource, **context):
        return policy.allows([document], action, resource, context)

    def test_an_action_and_a_resource_must_both_fit(self):
        document = statement(["s3:Get*"], ["arn:aws:s3:::b/t/*"])
        self.assertTrue(self.allows(document, "s3:getobject", "arn:aws:s3:::b/t/x"))
        self.assertFalse(self.allows(document, "s3:PutObject", "arn:aws:s3:::b/t/x"))
        self.assertFalse(self.allows(document, "s3:GetObject", "arn:aws:s3:::b/T/x"))
        self.assertFalse(self.allows(document, "s3:GetObject", "arn:aws:s3:::b/tt/x"))

    def test_a_deny_wins(self):
        deny = json.dumps({"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/secret"}})
        allow = statement("*", "*")
        self.assertFalse(policy.allows([allow, deny], "s3:GetObject", "arn:aws:s3:::b/secret", {}))
        self.assertTrue(policy.allows([allow, deny], "s3:GetObject", "arn:aws:s3:::b/open", {}))

    def test_a_condition_on_what_the_request_does_not_say_fails(self):
        document = statement("s3:ListBucket", "*", Condition={"StringLike": {"s3:prefix": ["t/*"]}})
        self.assertTrue(policy.allows([document], "s3:ListBucket", "b", {"s3:prefix": "t/x"}))
        self.assertFalse(policy.allows([document], "s3:ListBucket", "b", {"s3:prefix": "u/x"}))
        self.assertFalse(policy.allows([document], "s3:ListBucket", "b", {}))

    def test_a_condition_that_is_not_understood_is_no_decision(self):
        with self.assertRaises(NotImplementedError):
            policy.allows(
                [statement("s3:*", "*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})],
                "s3:GetObject",
                "b",
                {"aws:SourceIp": "10.0.0.1"},
            )

    def test_a_trust_policy_names_the_service_and_its_source(self):
        document = trust("states.amazonaws.com", Condition={"ArnEquals": {"aws:SourceArn": "arn:machine"}})
        self.assertTrue(
            policy.admits(document, "states.amazonaws.com", "sts:AssumeRole", {"aws:SourceArn": "arn:machine"})
        )
        self.assertFalse(
            policy.admits(document, "states.amazonaws.com", "sts:AssumeRole", {"aws:SourceArn": "arn:other"})
        )
        self.assertFalse(
            policy.admits(document, "lambda.amazonaws.com", "sts:AssumeRole", {"aws:SourceArn": "arn:machine"})
        )


class Requests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.aws = cls.enterClassContext(LocalAws(Path(cls.enterClassContext(tempfile.TemporaryDirectory()))))
        cls.region = cls.aws.region
        program = Path(cls.enterClassContext(tempfile.TemporaryDirectory())) / "bootstrap"
        program.write_text(PROGRAM)
        cls.package = zipped(program)
        cls.aws.client("s3").create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": cls.region})

    def role(self, name, service, *documents):
        iam = self.aws.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))["Role"]["Arn"]
        for number, document in enumerate(documents):
            iam.put_role_policy(RoleName=name, PolicyName=str(number), PolicyDocument=document)
        return arn

    def as_role(self, service, name, *documents):
        return self.aws.roles.client(
            service,
            self.aws.roles.assume(
                self.role(name, "lambda.amazonaws.com", *documents), "lambda.amazonaws.com", "arn:any", "test"
            ),
        )

    def function(self, name, *documents):
        logs = f"arn:aws:logs:{self.region}:{ACCOUNT}:log-group:/aws/lambda/{name}:*"
        self.aws.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
        role = self.role(
            name, "lambda.amazonaws.com", statement(["logs:CreateLogStream", "logs:PutLogEvents"], logs), *documents
        )
        return self.aws.client("lambda").create_function(
            FunctionName=name,
            Runtime="provided.al2023",
            Role=role,
            Handler=f"{name}-handler",
            Code={"ZipFile": self.package},
            Timeout=10,
        )["FunctionArn"]

    def refused(self, code, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)

    def until(self, met):
        end = time.monotonic() + 20
        while not met():
            self.assertLess(time.monotonic(), end, self.aws.journal.problems)
            time.sleep(0.05)

    def ran(self, name):
        return [one for one in self.aws.journal.invocations if one["function"] == name]

    def test_a_wrong_secret_and_an_unknown_key_are_refused(self):
        forged = dataclasses.replace(self.aws.roles.root, secret="wrong", key=self.aws.roles.root.key)
        self.aws.roles._clients.pop(("sqs", forged.key), None)
        client = self.aws.roles.client("sqs", forged)
        self.aws.roles._clients.pop(("sqs", forged.key))
        self.refused("SignatureDoesNotMatch", client.list_queues)
        self.refused(
            "UnrecognizedClientException",
            self.aws.roles.client("sqs", dataclasses.replace(forged, key="AKIAUNKNOWN")).list_queues,
        )

    def test_objects_are_deleted_one_by_one_and_on_condition(self):
        root = self.aws.client("s3")
        etag = root.put_object(Bucket="lake", Key="t/kept", Body=b"1")["ETag"]
        root.put_object(Bucket="lake", Key="t/gone", Body=b"1")
        s3 = self.as_role("s3", "deleter", statement(["s3:DeleteObject", "s3:GetObject"], "arn:aws:s3:::lake/t/*"))
        answer = s3.delete_objects(
            Bucket="lake",
            Delete={"Objects": [{"Key": "t/kept", "ETag": '"0"'}, {"Key": "t/gone", "ETag": etag}, {"Key": "other"}]},
        )
        self.assertEqual([one["Key"] for one in answer["Deleted"]], ["t/gone"])
        self.assertEqual(
            {one["Key"]: one["Code"] for one in answer["Errors"]},
            {"t/kept": "PreconditionFailed", "other": "AccessDenied"},
        )
        blind = self.as_role("s3", "blind", statement("s3:DeleteObject", "arn:aws:s3:::lake/t/*"))
        self.assertEqual(
            blind.delete_objects(Bucket="lake", Delete={"Objects": [{"Key": "t/kept", "ETag": etag}]})["Errors"][0][
                "Code"
            ],
            "AccessDenied",
        )

    def test_objects_are_written_on_condition(self):
        s3 = self.as_role("s3", "writer", statement(["s3:PutObject"], "arn:aws:s3:::lake/w/*"))
        etag = s3.put_object(Bucket="lake", Key="w/x", Body=b"1", IfNoneMatch="*")["ETag"]
        self.refused("PreconditionFailed", s3.put_object, Bucket="lake", Key="w/x", Body=b"2", IfNoneMatch="*")
        s3.put_object(Bucket="lake", Key="w/x", Body=b"2", IfMatch=etag)
        self.refused("PreconditionFailed", s3.put_object, Bucket="lake", Key="w/x", Body=b"3", IfMatch=etag)

    def test_who_may_not_list_is_not_told_that_an_object_is_missing(self):
        reader = self.as_role("s3", "reader", statement("s3:GetObject", "arn:aws:s3:::lake/*"))
        self.refused("AccessDenied", reader.get_object, Bucket="lake", Key="nowhere")
        lister = self.as_role(
            "s3", "lister", statement(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::lake/*", "arn:aws:s3:::lake"])
        )
        self.refused("NoSuchKey", lister.get_object, Bucket="lake", Key="nowhere")

    def test_glue_asks_for_the_catalogue_the_database_and_the_table(self):
        glue = self.aws.client("glue")
        glue.create_database(DatabaseInput={"Name": "d"})
        glue.create_table(DatabaseName="d", TableInput={"Name": "t", "StorageDescriptor": {"Location": "s3://lake/t"}})
        prefix = f"arn:aws:glue:{self.region}:{ACCOUNT}:"
        every = [f"{prefix}catalog", f"{prefix}database/d", f"{prefix}table/d/t"]
        self.as_role("glue", "whole", statement("glue:GetTable", every)).get_table(DatabaseName="d", Name="t")
        for left_out in every:
            part = self.as_role(
                "glue",
                left_out.rsplit(":", 1)[-1].replace("/", "-"),
                statement("glue:GetTable", [one for one in every if one != left_out]),
            )
            self.refused("AccessDeniedException", part.get_table, DatabaseName="d", Name="t")

    def test_a_queue_feeds_its_function_in_batches_and_a_bad_message_comes_back(self):
        sqs = self.aws.client("sqs")
        sqs.create_queue(QueueName="letters-dlq")
        arn = f"arn:aws:sqs:{self.region}:{ACCOUNT}:letters"
        queue = sqs.create_queue(
            QueueName="letters",
            Attributes={
                "VisibilityTimeout": "3",
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": f"{arn}-dlq", "maxReceiveCount": "2"}),
            },
        )["QueueUrl"]
        self.function("letters", statement(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn))
        for number in range(3):
            sqs.send_message_batch(
                QueueUrl=queue,
                Entries=[
                    {"Id": str(one), "MessageBody": "bad" if (number, one) == (1, 4) else "good"} for one in range(10)
                ],
            )
        self.aws.client("lambda").create_event_source_mapping(
            FunctionName="letters",
            EventSourceArn=arn,
            BatchSize=100,
            MaximumBatchingWindowInSeconds=1,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ScalingConfig={"MaximumConcurrency": 2},
        )
        self.until(lambda: self.aws.messages() == {"letters": 0, "letters-dlq": 1})
        ran = self.ran("letters")
        self.assertEqual(sum(len(one["event"]["Records"]) for one in ran), 31)
        self.assertIn("handler letters-handler", ran[0]["lines"])

    def test_a_bucket_reaches_a_function_only_by_the_functions_leave(self):
        arn, s3 = self.function("arrivals"), self.aws.client("s3")
        s3.create_bucket(Bucket="inbox", CreateBucketConfiguration={"LocationConstraint": self.region})

        def filtered(prefix, event="s3:ObjectCreated:*"):
            return {
                "LambdaFunctionArn": arn,
                "Events": [event],
                "Filter": {
                    "Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}, {"Name": "suffix", "Value": ".part"}]}
                },
            }

        self.refused(
            "InvalidArgument",
            s3.put_bucket_notification_configuration,
            Bucket="inbox",
            NotificationConfiguration={"LambdaFunctionConfigurations": [filtered("t/")]},
        )
        self.aws.client("lambda").add_permission(
            FunctionName="arrivals",
            StatementId="one",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceArn="arn:aws:s3:::inbox",
            SourceAccount=ACCOUNT,
        )
        self.refused(
            "InvalidArgument",
            s3.put_bucket_notification_configuration,
            Bucket="inbox",
            NotificationConfiguration={
                "LambdaFunctionConfigurations": [filtered("t/"), filtered("t/x", "s3:ObjectCreated:Put")]
            },
        )
        s3.put_bucket_notification_configuration(
            Bucket="inbox", NotificationConfiguration={"LambdaFunctionConfigurations": [filtered("t/")]}
        )
        s3.put_object(Bucket="inbox", Key="t/day=1/a b.part", Body=b"1")
        s3.put_object(Bucket="inbox", Key="t/day=1/compacted", Body=b"1")
        self.until(lambda: self.ran("arrivals") and self.aws.settled())
        self.assertEqual(
            [one["event"]["Records"][0]["s3"]["object"]["key"] for one in self.ran("arrivals")], ["t/day%3D1/a+b.part"]
        )

    def test_a_failed_event_is_tried_three_times_and_both_ends_are_handed_on(self):
        sqs = self.aws.client("sqs")
        dead = sqs.create_queue(QueueName="events-dlq")["QueueUrl"]
        dead_arn = f"arn:aws:sqs:{self.region}:{ACCOUNT}:events-dlq"
        second = self.function("second", statement("sqs:SendMessage", dead_arn))
        self.function("first", statement("lambda:InvokeFunction", second))
        client = self.aws.client("lambda")
        for age in (21600, 3600):
            client.put_function_event_invoke_config(
                FunctionName="first",
                MaximumEventAgeInSeconds=age,
                DestinationConfig={"OnSuccess": {"Destination": second}},
            )
        settings = client.get_function_event_invoke_config(FunctionName="first")
        self.assertEqual(settings["MaximumEventAgeInSeconds"], 3600, "the last one counts")
        client.put_function_event_invoke_config(
            FunctionName="second", DestinationConfig={"OnFailure": {"Destination": dead_arn}}
        )
        client.invoke(FunctionName="first", InvocationType="Event", Payload=b'{"a":1}')
        self.until(lambda: self.ran("second"))
        self.assertEqual(self.ran("second")[0]["event"]["responsePayload"]["event"], {"a": 1})
        client.invoke(FunctionName="second", InvocationType="Event", Payload=b'{"fail":true}')
        self.until(lambda: len(self.ran("second")) == 4 and self.aws.settled())
        self.assertEqual([one["cold"] for one in self.ran("second")], [True, False, False, False])
        [message] = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10)["Messages"]
        event = json.loads(message["Body"])
        self.assertEqual(event["requestPayload"], {"fail": True})
        self.assertEqual(event["requestContext"]["condition"], "RetriesExhausted")
        self.assertEqual(event["requestContext"]["approximateInvokeCount"], 3)
        sqs.delete_queue(QueueUrl=dead)

    def test_a_state_machine_acts_in_its_role(self):
        arn = self.function("task")
        role = self.role("machine", "states.amazonaws.com", statement("lambda:InvokeFunction", arn))
        states = self.aws.client("stepfunctions")
        definition = {
            "StartAt": "Begin",
            "States": {
                "Begin": {
                    "Type": "Pass",
                    "Parameters": {"started": {"time.$": "$$.Execution.StartTime"}},
                    "Next": "A",
                },
                "A": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::lambda:invoke",
                    "Parameters": {
                        "FunctionName": arn,
                        "Payload.$": "States.JsonMerge($.started, $$.Execution.Input, false)",
                    },
                    "OutputPath": "$.Payload",
                    "End": True,
                }
            },
        }
        machine = states.create_state_machine(name="machine", definition=json.dumps(definition), roleArn=role)[
            "stateMachineArn"
        ]

        def end(given):
            execution = states.start_execution(
                stateMachineArn=machine, name=secrets.token_hex(8), input=json.dumps(given)
            )["executionArn"]
            self.until(lambda: states.describe_execution(executionArn=execution)["status"] != "RUNNING")
            return states.describe_execution(executionArn=execution)

        event = json.loads(end({"a": 1})["output"])["event"]
        self.assertEqual(event["a"], 1)
        self.assertRegex(event["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        given = {"time": "2026-11-23T22:00:00Z"}
        self.assertEqual(json.loads(end(given)["output"])["event"], given, "the input wins")
        self.aws.client("iam").delete_role_policy(RoleName="machine", PolicyName="0")
        self.assertEqual(end({})["status"], "FAILED")


if __name__ == "__main__":
    unittest.main()
