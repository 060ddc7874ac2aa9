"""Makes a share of the generated bodies name a cell that exists, so that odd payloads reach one."""

import schemathesis


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and "payload" in body:
        cell = body.get("cellID")
        if isinstance(cell, str) and 1 <= len(cell) <= 10:
            return {**body, "cellID": "123"[sum(map(ord, cell)) % 3]}
    return body
