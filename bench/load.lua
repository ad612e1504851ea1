-- The load that wrk makes: `wrk … URL -- fixed`, `… -- send KEY TEXT`, `… -- otp KEY` or `… -- verify KEY`.
-- Single sends go to 1,000 numbers in turn, none of which asks the sandbox for a special fate. Codes go to
-- numbers that never had one, since each would have to wait a minute for its second; checks are of wrong codes.

local requests = {}
local at = 0

function init(args)
  if args[1] == "fixed" then
    requests[1] = wrk.format("GET")
    return
  end
  local headers = {["Authorization"] = "Bearer " .. args[2], ["Content-Type"] = "application/json"}
  if args[1] == "otp" or args[1] == "verify" then
    local code = args[1] == "verify" and ',"code":"000000"' or ""
    local number = os.time() % 60000 * 10000
    request = function()
      number = number + 1
      return wrk.format("POST", nil, headers, string.format('{"to":"+8613%09d"%s}', number, code))
    end
    return
  end
  for index = 1, 1000 do
    local body = string.format('{"to":"+861380013%04d","body":"%s"}', 1000 + index, args[3])
    requests[index] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("\nbench %d %d %d %d %d %d %d\n", summary.requests, summary.duration, e.status,
    e.connect + e.read + e.write, e.timeout, latency:percentile(50), latency:percentile(99)))
end
