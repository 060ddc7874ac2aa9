"""A cell router as a Python demonstration writes it: FastAPI, pydantic, one shared httpx client,
prometheus_client and a JSON log line for each request."""

import json
import logging
import os
import sys
import time
from contextlib import asynccontextmanager
from datetime import datetime, timezone

import httpx
from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from pydantic import BaseModel, Field

CELLS = {cell: os.environ[f"NGINX_{cell}_URL"] for cell in ("1", "2", "3")}

REQUESTS = Counter("router_requests_total", "Requests", ["cell_id", "status", "method"])
DURATION = Histogram("router_request_duration_seconds", "Duration", ["cell_id", "method"])
UPSTREAM_ERRORS = Counter("router_upstream_errors_total", "Upstream errors", ["cell_id"])


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": datetime.now(timezone.utc).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        return json.dumps(line)


handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(JsonFormatter())
log = logging.getLogger("router")
log.setLevel(logging.INFO)
log.addHandler(handler)
log.propagate = False


class RouteRequest(BaseModel):
    cellID: str = Field(min_length=1, max_length=10)


@asynccontextmanager
async def lifespan(app: FastAPI):
    limits = httpx.Limits(max_connections=256, max_keepalive_connections=256)
    async with httpx.AsyncClient(timeout=30.0, limits=limits) as client:
        app.state.client = client
        yield


app = FastAPI(title="Cell Router API", lifespan=lifespan)


@app.get("/health")
async def health() -> dict:
    return {"status": "healthy"}


@app.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@app.post("/api/route")
async def route(body: RouteRequest, request: Request) -> dict:
    start = time.perf_counter()
    url = CELLS.get(body.cellID)
    if url is None:
        raise HTTPException(status_code=422, detail="unknown cellID")
    try:
        answer = await app.state.client.post(
            f"{url}/api",
            json={"cellID": body.cellID, "timestamp": datetime.now(timezone.utc).isoformat()},
            headers={"X-Cell-ID": body.cellID, "X-Original-URI": request.url.path},
        )
    except httpx.HTTPError as error:
        UPSTREAM_ERRORS.labels(body.cellID).inc()
        raise HTTPException(status_code=502, detail="upstream error") from error
    elapsed = time.perf_counter() - start
    REQUESTS.labels(body.cellID, str(answer.status_code), "POST").inc()
    DURATION.labels(body.cellID, "POST").observe(elapsed)
    log.info(
        "request",
        extra={
            "fields": {
                "method": "POST",
                "path": request.url.path,
                "status": answer.status_code,
                "cell_id": body.cellID,
                "duration_ms": round(elapsed * 1000, 3),
            }
        },
    )
    return {
        "cellID": body.cellID,
        "upstream": f"nginx-{body.cellID}",
        "status": answer.status_code,
        "response": answer.json(),
    }
