-- wrk's script: sends the signed bodies of a file, one after the other, and prints the result as JSON.
-- `wrk … -s signed.lua URL -- FILE FROM`; a line of the file is a signature, a tab, a body; the first FROM lines are passed over.
local requests, at = {}, 0

function init(arguments)
  wrk.method = "POST"
  local from, number = tonumber(arguments[2]), 0
  for line in io.lines(arguments[1]) do
    number = number + 1
    if number > from then
      local signature, body = line:match("^(%x+)\t(.+)$")
      local headers = { ["content-type"] = "application/json", ["x-signature"] = signature, ["host"] = wrk.headers["Host"] }
      -- Requests are put together before the clock starts.
      requests[#requests + 1] = wrk.format("POST", nil, headers, body)
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local lost = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '{"answered":%d,"refused":%d,"lost":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f}\n',
    summary.requests, summary.errors.status, lost, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000
  ))
end
