-- The closed loop for wrk: POST /api/route for cells 1, 2, 3 in turn, the same bytes for every
-- router (X-Cell-ID is what the header-routed nginx reads; the others read the body).
local requests = {}
local turn = 0

function init(args)
  for id = 1, 3 do
    local headers = { ["Content-Type"] = "application/json", ["X-Cell-ID"] = tostring(id) }
    requests[id] = wrk.format("POST", nil, headers, '{"cellID":"' .. id .. '"}')
  end
end

function request()
  turn = turn % 3 + 1
  return requests[turn]
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"micros":%d,"p50":%d,"p99":%d,"p99.9":%d,"max":%d,' ..
    '"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\n',
    summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max,
    e.connect, e.read, e.write, e.status, e.timeout))
end
