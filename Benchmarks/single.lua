-- wrk: single POSTs, each to another registered user; anything but 201 counts as an error and is printed once.
local counter = 0
local users = tonumber(os.getenv("USERS") or "1000")
local seen = {}

function setup(thread)
    thread:set("id", counter)
    counter = counter + 1
end

function init()
    math.randomseed(id + 1)
end

function request()
    local user = math.random(0, users - 1)
    local body = string.format(
        '{"user_id":"usr_%d","title":"Time to log your run!","body":"You have not recorded an activity in 3 days.","data":{"scenario_id":"missed_activity_3day"}}',
        user)
    return wrk.format("POST", "/api/v1/notifications", { ["Content-Type"] = "application/json" }, body)
end

function response(status, headers, body)
    if status ~= 201 and not seen[status] then
        seen[status] = true
        io.stderr:write("answered " .. status .. ": " .. body .. "\n")
    end
end

function done(summary, latency, requests)
    io.write(string.format("single: %d answers in %.1f s = %.0f/s, p50 %.1f ms, p99 %.1f ms, errors %d\n", summary.requests,
        summary.duration / 1e6, summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
