"""A session with `pynvest mcp` through the Python SDK: what an assistant would call, with the size and time of each answer.

    pip install mcp
    python examples/mcp/session.py PROGRAM SITE LAKE

Every answer is validated against the schema of its tool, once for each lifecycle of the protocol.
"""

import asyncio
import json
import sys
import time

import jsonschema
from mcp import Client, StdioServerParameters

MOST = 50_000  # bytes of an answer: 25,000 tokens of two bytes


def calls(stock: str, fii: str):
    """Find, compare, screen by sector, look back; then what has to be refused."""
    yield "find_ticker", {"query": stock[:4].lower()}
    yield "get_fundamentals", {"tickers": [stock, fii]}
    yield "get_fundamentals", {"tickers": [stock, fii], "groups": ["indicators"], "as_of": "2100-01-01"}
    yield "screen", {"conditions": "pl>0 pl<20 dy>=1%", "sort": "-dy"}
    yield "screen", {"class": "fii", "conditions": "pvp<1.2", "sort": "-liquidity", "limit": 100}
    yield "screen", {"sector": "e", "rank": "magic", "min_liquidity": 0, "as_of": "lake"}
    yield "get_dividends", {"ticker": fii, "since_year": 2020}
    yield "get_history", {"tickers": [stock, fii], "columns": ["price", "dy"]}
    yield "get_changes", {"since": "2000-01-01"}
    yield "describe", {"columns": ["pl", "dy"]}
    yield "describe", {}
    for name, arguments in [
        ("get_fundamentals", {"tickers": ["ZZZZ99"]}),
        ("get_fundamentals", {"tickers": []}),
        ("screen", {"conditions": "cheap<1"}),
        ("screen", {"columns": ["price", "wisdom"]}),
        ("get_history", {"tickers": [stock], "colums": ["price"]}),
        ("get_dividends", {"ticker": "../../etc/passwd"}),
    ]:
        yield name, {**arguments, "!": True}


async def session(mode: str, server: StdioServerParameters) -> None:
    begun = time.perf_counter()
    async with Client(server, mode=mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        listed = sum(len(tool.model_dump_json(by_alias=True, exclude_none=True)) for tool in tools.values())
        start = (time.perf_counter() - begun) * 1000
        print(f"\n{mode}: revision {client.protocol_version}, {len(tools)} tools in {listed} bytes, {start:.0f} ms")
        # A client that pins a revision asks for nothing before it calls.
        instructions = client.instructions
        assert len(tools) == 7 and (mode == "2026-07-28" or len(instructions.splitlines()) == 10), instructions

        async def first(name: str) -> str:
            found = await client.call_tool("screen", {"class": name, "sort": "-liquidity", "limit": 1})
            return found.structured_content["rows"][0]["ticker"]

        print(f"{'tool':17} {'structured':>10} {'text':>6} {'ms':>6}  arguments")
        for name, arguments in calls(await first("stock"), await first("fii")):
            refused = arguments.pop("!", False)
            begun = time.perf_counter()
            answer = await client.call_tool(name, arguments)
            spent = (time.perf_counter() - begun) * 1000
            [said] = answer.content
            assert answer.is_error == refused, (name, arguments, said.text)
            structured = "" if answer.structured_content is None else json.dumps(
                answer.structured_content, ensure_ascii=False, separators=(",", ":")
            )
            if not refused:
                jsonschema.validate(answer.structured_content, tools[name].output_schema)
            bytes_structured, bytes_text = len(structured.encode()), len(said.text.encode())
            assert bytes_structured + bytes_text <= MOST, (name, bytes_structured, bytes_text)
            print(f"{name:17} {bytes_structured:10} {bytes_text:6} {spent:6.0f}  {json.dumps(arguments, ensure_ascii=False)}")
            if refused:
                print(f"    refused: {said.text[:200]}")

        for resource in (await client.list_resources()).resources:
            [content] = (await client.read_resource(resource.uri)).contents
            assert json.loads(content.text)
            print(f"{str(resource.uri):28} {len(content.text.encode())} bytes")


def main() -> None:
    program, site, lake = sys.argv[1:]
    server = StdioServerParameters(command=program, args=["mcp", "--site", site, "--interval", "0", "--lake", lake])
    for mode in ("2026-07-28", "auto", "legacy"):
        asyncio.run(session(mode, server))


main()
