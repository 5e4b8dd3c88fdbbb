"""Takes every permission of the deployment away in turn, and demands that a small day fails for it or gives another lake.

    python deploy/studies necessity [--only pynvest-dedup-financial-data]

What is taken: each action, each resource and each value of a condition of each statement of each policy, each policy
from each role, and each permission to invoke a function. A removal that nothing notices is reported, and the exit status is 1.
"""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pyarrow
import pyarrow.parquet as parquet
from cases import read_parquet
from day import Failed
from exchange import TABLES, Exchange, Lake
from run import captures_once
from stage import SEPARATE, Stage, options, stage, step

# Two more than a comparison with the last day needs, because one of each class is rejected.
STOCKS, FIIS = 12, 12
# One stock and one FII with a number that cannot be read: their rows must be set aside.
POISONED = ["poisoned-value:PINV4", "poisoned-value:PFII11"]
# One of each whose page has a label that nobody knows, and one whose figures contradict themselves: both must be noted.
RENAMED = ["renamed-label:BPIN3", "renamed-label:PFIB11B"]
CONTRADICTING = ["contradicting-figures:UPIN11", "contradicting-figures:FWRN11"]

SOR_STOCKS, SOR_FIIS, SOT_STOCKS, SOT_FIIS, _ = TABLES
# Whom the objects beside the tables name. What a renamed label takes away is missed among the figures too.
NAMED = {
    f"_rejected/{SOT_STOCKS}": {"PINV4"},
    f"_rejected/{SOT_FIIS}": {"PFII11"},
    f"_doubts/{SOR_STOCKS}": {"BPIN3"},
    f"_doubts/{SOR_FIIS}": {"PFIB11B"},
    f"_doubts/{SOT_STOCKS}": {"UPIN11", "BPIN3"},
    f"_doubts/{SOT_FIIS}": {"FWRN11", "PFIB11B"},
}
ASYNCHRONOUS = [
    "check-and-delete-partitions",
    "get-tickers",
    "prep-financial-data-for-acoes",
    "prep-financial-data-for-fiis",
    "specialize-financial-data",
]
# A day long before.
EARLIER = "20000103"
# Columns of both classes that the earlier day has in thousands.
AMOUNTS = ("vlr_mercado", "vlr_patrim_liq")
LAST = "pynvest-lambda-dedup-financial-data-for-spec-ativos"

# What lies beside the tables of a layer and goes with them.
BESIDE = {"sor": ["doubts"], "sot": ["rejected", "doubts", "waiting"]}


@dataclasses.dataclass
class Removal:
    """Something taken away: whose, what, and how to do and undo it."""

    owner: str
    what: str
    take: Callable[[], object]
    give_back: Callable[[], object]


def main() -> int:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="NAME", help="only what is of this policy, or of this function")
    arguments = parser.parse_args()
    exchange = Exchange(STOCKS, FIIS, faults=POISONED + RENAMED + CONTRADICTING)
    with stage(arguments, exchange, dataclasses.replace(SEPARATE, package_in_s3=True)) as here:
        here.apply()
        return take_each(here, arguments.only)


def take_each(here: Stage, only: str | None) -> int:
    with step("a day with everything granted"):
        whole = day(here)
    removals = [one for one in [*policies(here), *attachments(here), *invocations(here)] if only in (None, one.owner)]
    counts: Counter[str] = Counter()
    for removal in removals:
        began = time.monotonic()
        removal.take()
        try:
            noticed = "the lake differs" if day(here) != whole else None
        except Failed as error:
            noticed = " ".join(str(error).split())[:300]
        removal.give_back()
        verdict = "noticed" if noticed else "NOT NOTICED"
        counts[verdict] += 1
        print(
            f"{time.monotonic() - began:7.1f} s  {removal.owner}: {removal.what}: {verdict}: {noticed or ''}", flush=True
        )
    with step("a day with everything given back"):
        if day(here) != whole:
            raise Failed("the last day is not the first")
    print(f"{len(removals)} removals: {', '.join(f'{count} {verdict}' for verdict, count in counts.items())}")
    return 1 if counts["NOT NOTICED"] else 0


def day(here: Stage) -> Lake:
    """A day on a lake where an older run has left something everywhere, with what comes late; its rows."""
    here.clear()
    seed(here)
    make_room(here, replace=True)
    here.day.collect(limit=60)
    apart(here)
    here.day.dedup(limit=60)
    again(here)
    by_hand(here)
    contradicted(here)
    superseded(here)
    too_late(here)
    never_began(here)
    here.day.check_catalogue()
    if left := [key for bucket in SEPARATE.buckets.values() for key in here.aws.keys(bucket) if "/old." in key]:
        raise Failed(f"of an older run there is still {left}")
    if (named := {folder: tickers(here, folder) for folder in NAMED}) != NAMED:
        raise Failed(f"beside the tables stand {named}, not {NAMED}")
    whole = lake(here)
    no_use(here)
    return whole


def tickers(here: Stage, folder: str) -> set[str]:
    """The tickers that the day's objects in a folder beside a table name."""
    s3, bucket = here.aws.client("s3"), SEPARATE.buckets[TABLES[folder.partition("/")[2]]]
    keys = here.aws.keys(bucket, f"{folder}/anomesdia_exec={here.day.partition}/")
    lines = [line for key in keys for line in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines()]
    return {json.loads(line)["ticker"] for line in lines}


def apart(here: Stage) -> None:
    """Delivers the messages of tickers about which nothing is odd once more, by themselves: beside those nothing is to be said."""
    odd = set().union(*NAMED.values())
    for one in list(here.aws.journal.invocations):
        if one["handler"].startswith("get-financial-data"):
            records = [record for record in one["event"]["Records"] if json.loads(record["body"])["ticker"] not in odd]
            deliver(here, one["arn"], {"Records": records})
    here.day.drain()


def again(here: Stage) -> None:
    """Delivers every message and every event of S3 once more, now that the day is compacted: no row may change."""
    before = lake(here)
    for one in list(here.aws.journal.invocations):
        if one["handler"].startswith(("get-financial-data", "prep", "specialize")):
            deliver(here, one["arn"], one["event"])
    here.day.drain()
    if lake(here) != before:
        raise Failed("what is delivered again after dedup changes the lake")


def make_room(here: Stage, **how: bool) -> None:
    """Invokes check-and-delete synchronously: nothing follows."""
    invoke(here, "check-and-delete-partitions", **how)


def by_hand(here: Stage) -> None:
    """Gives the day to an earlier one as well, has get-tickers compare its lists with that one, and reads the kept pages again."""
    s3, bucket = here.aws.client("s3"), SEPARATE.buckets["sot"]
    for table in (SOT_STOCKS, SOT_FIIS):
        for folder, file in ((f"_profile/{table}", "profile.json"), (table, "compacted.parquet")):
            source = f"{bucket}/{folder}/anomesdia_exec={here.day.partition}/{file}"
            s3.copy_object(Bucket=bucket, Key=f"{folder}/anomesdia_exec={EARLIER}/{file}", CopySource=source)
    invoke(here, "get-tickers")
    here.day.drain()
    for of in ("acoes", "fiis"):
        invoke(here, f"get-financial-data-for-{of}", kept_pages=True)
    here.day.drain()


def contradicted(here: Stage) -> None:
    """Compares the day with an earlier one whose amounts are in thousands: its rows wait, and are published when they are accepted."""
    s3, bucket = here.aws.client("s3"), SEPARATE.buckets["sot"]
    for table in (SOT_STOCKS, SOT_FIIS):
        key = f"{table}/anomesdia_exec={EARLIER}/compacted.parquet"
        rows = read_parquet(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        for name in AMOUNTS:
            at = rows.column_names.index(name)
            values = [value and value / 1000 for value in rows[name].to_pylist()]
            rows = rows.set_column(at, rows.field(at), pyarrow.array(values, rows.field(at).type))
        file = io.BytesIO()
        parquet.write_table(rows, file)
        s3.put_object(Bucket=bucket, Key=key, Body=file.getvalue())
        # A day that was taken once with these rows is not asked about again.
        s3.delete_object(Bucket=bucket, Key=f"_profile/{table}/anomesdia_exec={here.day.partition}/taken.parquet")
    for handler in ("dedup-financial-data-for-acoes", "dedup-financial-data-for-fiis"):
        said = [invoke(here, handler), invoke(here, handler, accept=True)]
        if [("waiting" in body, "accepted" in body) for body in said] != [(True, False), (False, True)]:
            raise Failed(f"{handler} says {said[0]} of a day in another unit, and {said[1]} when it is accepted")
    here.day.drain()


def invoke(here: Stage, handler: str, **how: bool) -> dict:
    """Invokes a function synchronously for the day; what it says."""
    event = {"anomesdia_exec": int(here.day.partition), **how}
    function = here.aws.functions.get(f"pynvest-lambda-{handler}")
    outcome = here.aws.functions.invoke(function, json.dumps(event).encode())
    if outcome.error:
        raise Failed(f"{handler} fails: {outcome.payload.decode()}")
    return json.loads(outcome.payload)["body"]


def superseded(here: Stage) -> None:
    """Leaves a copy of each compacted object beside it, as a dedup does that dies: check-and-delete sees that it is one, and removes it."""
    s3 = here.aws.client("s3")
    for table, layer in TABLES.items():
        if layer != "sor":
            bucket, folder = SEPARATE.buckets[layer], f"{table}/anomesdia_exec={here.day.partition}"
            whole = s3.get_object(Bucket=bucket, Key=f"{folder}/compacted.parquet")["Body"].read()
            s3.put_object(Bucket=bucket, Key=f"{folder}/old.part.parquet", Body=whole)
    here.day.drain()
    make_room(here)


def lake(here: Stage) -> Lake:
    """The rows of the day; captures of the same page count once."""
    return captures_once(here.day.lake())


def deliver(here: Stage, function: str, event: dict) -> None:
    here.aws.functions.invoke_later(here.aws.functions.get(function), json.dumps(event).encode())


def too_late(here: Stage) -> None:
    """Delivers an event of S3 about an object that is gone, for each table, to the function that takes them."""
    events = {}
    for one in here.aws.journal.invocations:
        if one["handler"].startswith(("prep", "specialize")):
            event = re.sub(r'[^/"]+\.part\.parquet', "gone.part.parquet", json.dumps(one["event"]))
            events[one["arn"], re.search(r"tb\w+", event)[0]] = event
    for (arn, _), event in events.items():
        deliver(here, arn, json.loads(event))
    here.day.drain()


def never_began(here: Stage) -> None:
    """Lets a day be counted of which nothing was sent: that is an answer, and no failure."""
    event = {"anomesdia_exec": int(f"{here.day.date - timedelta(days=1):%Y%m%d}")}
    outcome = here.aws.functions.invoke(here.aws.functions.get(LAST), json.dumps(event).encode())
    nothing = "0 sent, 0 in Spec, _reconciliation/{}/anomesdia_exec={}/class.json is missing"
    expected = "; ".join(f"{of}: {nothing.format(of, event['anomesdia_exec'])}" for of in ("acoes", "fiis"))
    if outcome.error or json.loads(outcome.payload)["body"]["reconciliation"] != expected:
        raise Failed(f"of a day that never began {LAST} says {outcome.payload.decode()}")


def no_use(here: Stage) -> None:
    """Delivers to each function that is invoked asynchronously an event that it cannot serve: all must end in the queue of the dead."""
    for function in ASYNCHRONOUS:
        deliver(here, f"pynvest-lambda-{function}", {"anomesdia_exec": 99991231})
    end = time.monotonic() + 30
    while not here.aws.settled():
        if time.monotonic() > end:
            raise Failed("what cannot be served does not come to rest")
    dead = here.aws.messages()["pynvest-events-dlq"]
    if dead != len(ASYNCHRONOUS):
        raise Failed(f"{dead} events in the queue of the dead, not {len(ASYNCHRONOUS)}: {here.aws.journal.problems}")


def seed(here: Stage) -> None:
    """Leaves an object and a partition in each table, and rows set aside, as an older run of the day would."""
    s3, glue = here.aws.client("s3"), here.aws.client("glue")
    for table, layer in TABLES.items():
        for folder in [table, *(f"_{what}/{table}" for what in BESIDE.get(layer, []))]:
            key = f"{folder}/anomesdia_exec={here.day.partition}/old.parquet"
            s3.put_object(Bucket=SEPARATE.buckets[layer], Key=key, Body=b"")
        if layer == "sot":
            # Of an earlier day; that it cannot be used is only said.
            key = f"_profile/{table}/anomesdia_exec={EARLIER}/profile.json"
            s3.put_object(Bucket=SEPARATE.buckets[layer], Key=key, Body=b"{}")
            key = f"_profile/{table}/anomesdia_exec={here.day.partition}/taken.parquet"
            s3.put_object(Bucket=SEPARATE.buckets[layer], Key=key, Body=b"")
        glue.create_partition(
            DatabaseName=f"db_pynvest_{layer}",
            TableName=table,
            PartitionInput={"Values": [here.day.partition], "StorageDescriptor": {"Location": "s3://elsewhere"}},
        )


def policies(here: Stage) -> Iterator[Removal]:
    """Each action and each resource of each statement, of managed and inline policies."""
    iam = here.aws.client("iam")
    for policy in sorted(
        iam.list_policies(Scope="Local", OnlyAttached=True)["Policies"], key=lambda one: one["PolicyName"]
    ):
        arn, version = policy["Arn"], policy["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        for what, narrower in narrowed(document):
            yield Removal(policy["PolicyName"], what, *_versioned(iam, arn, version, narrower))
    for role in iam.list_roles()["Roles"]:
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            given = {"RoleName": role["RoleName"], "PolicyName": name}
            document = iam.get_role_policy(**given)["PolicyDocument"]
            for what, narrower in narrowed(document):
                yield Removal(
                    name,
                    what,
                    lambda given=given, narrower=narrower: iam.put_role_policy(
                        **given, PolicyDocument=json.dumps(narrower)
                    ),
                    lambda given=given, document=document: iam.put_role_policy(
                        **given, PolicyDocument=json.dumps(document)
                    ),
                )


def _versioned(iam, arn: str, version: str, narrower: dict) -> tuple[Callable, Callable]:
    made = []

    def take() -> None:
        made.append(
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(narrower), SetAsDefault=True)[
                "PolicyVersion"
            ]["VersionId"]
        )

    def give_back() -> None:
        iam.set_default_policy_version(PolicyArn=arn, VersionId=version)
        iam.delete_policy_version(PolicyArn=arn, VersionId=made.pop())

    return take, give_back


def narrowed(document: dict) -> Iterator[tuple[str, dict]]:
    """The document without each action, each resource and each of several values of a condition; without the whole
    statement where it has only one action or one resource."""
    for number, statement in enumerate(document["Statement"]):
        actions, resources = _list(statement["Action"]), _list(statement["Resource"])
        if len(actions) == len(resources) == 1:
            yield f"{statement['Sid']} without {actions[0]} on {resources[0]}", _with(document, number, None)
        else:
            for element, values in (("Action", actions), ("Resource", resources)):
                for value in values:
                    rest = [other for other in values if other != value]
                    narrower = statement | {element: rest} if rest else None
                    yield f"{statement['Sid']} without {value}", _with(document, number, narrower)
        for operator, keys in statement.get("Condition", {}).items():
            for key, values in keys.items():
                for value in values if isinstance(values, list) and len(values) > 1 else []:
                    narrower = copy.deepcopy(statement)
                    narrower["Condition"][operator][key].remove(value)
                    yield f"{statement['Sid']} without {key} {value}", _with(document, number, narrower)


def _with(document: dict, number: int, statement: dict | None) -> dict:
    narrower = copy.deepcopy(document)
    narrower["Statement"][number : number + 1] = [statement] if statement else []
    # A policy must say something: this is what everybody may do anyway.
    narrower["Statement"] = narrower["Statement"] or [
        {"Sid": "Nothing", "Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}
    ]
    return narrower


def attachments(here: Stage) -> Iterator[Removal]:
    """Each policy from each role that carries it."""
    iam = here.aws.client("iam")
    for role in iam.list_roles()["Roles"]:
        for policy in iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]:
            given = {"RoleName": role["RoleName"], "PolicyArn": policy["PolicyArn"]}
            yield Removal(
                policy["PolicyName"],
                f"taken from {role['RoleName']}",
                lambda given=given: iam.detach_role_policy(**given),
                lambda given=given: iam.attach_role_policy(**given),
            )


def invocations(here: Stage) -> Iterator[Removal]:
    """Each statement of each function's own policy, which lets S3 and EventBridge invoke it."""
    for function in here.aws.client("lambda").list_functions()["Functions"]:
        held = here.aws.functions.get(function["FunctionArn"]).policy.statements
        for statement in list(held):
            yield Removal(
                function["FunctionName"],
                f"without the permission {statement['Sid']} of {statement['Principal']['Service']}",
                lambda held=held, statement=statement: held.remove(statement),
                lambda held=held, statement=statement: held.append(statement),
            )


def _list(value) -> list:
    return value if isinstance(value, list) else [value]
