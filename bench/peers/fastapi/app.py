"""A cell router as a Python demonstration writes it: FastAPI, pydantic, one shared httpx client,
prometheus_client and a JSON log line for each request."""

import json
import logging
import os
import sys
import time
import uuid
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

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-XSS-Protection": "1; mode=block",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=()",
}


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
    # The default pool (100 connections, 20 kept alive): what demonstrations use, and faster here
    # than a larger one, since httpcore walks through its connections on every request.
    async with httpx.AsyncClient(timeout=30.0) as client:
        app.state.client = client
        yield


app = FastAPI(title="Cell Router API", lifespan=lifespan)


@app.get("/health")
async def health() -> dict:
    return {"status": "healthy"}


@app.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@app.middleware("http")
async def observe(request: Request, call_next) -> Response:
    """Metrics, log line and headers of every answer, refusals included."""
    start = time.perf_counter()
    request.state.cell_id = ""
    request_id = request.headers.get("X-Request-ID") or uuid.uuid4().hex
    response = await call_next(request)
    elapsed = time.perf_counter() - start
    cell = request.state.cell_id
    REQUESTS.labels(cell, str(response.status_code), request.method).inc()
    DURATION.labels(cell, request.method).observe(elapsed)
    response.headers["X-Request-ID"] = request_id
    for name, value in SECURITY_HEADERS.items():
        response.headers[name] = value
    fields = {
        "request_id": request_id,
        "method": request.method,
        "path": request.url.path,
        "status": response.status_code,
        "cell_id": cell,
        "duration_ms": round(elapsed * 1000, 3),
    }
    log.info("request", extra={"fields": fields})
    return response


@app.post("/api/route")
async def route(body: RouteRequest, request: Request) -> dict:
    url = CELLS.get(body.cellID)
    if url is None:
        raise HTTPException(status_code=422, detail="unknown cellID")
    request.state.cell_id = body.cellID
    try:
        answer = await app.state.client.post(
            f"{url}/api",
            json={"cellID": body.cellID, "timestamp": datetime.now(timezone.utc).isoformat()},
            headers={"X-Cell-ID": body.cellID, "X-Original-URI": request.url.path},
        )
    except httpx.HTTPError as error:
        UPSTREAM_ERRORS.labels(body.cellID).inc()
        raise HTTPException(status_code=502, detail="upstream error") from error
    return {
        "cellID": body.cellID,
        "upstream": f"nginx-{body.cellID}",
        "status": answer.status_code,
        "response": answer.json(),
    }
