-- uses: record gate
-- Grants requests for records of several lanes of one destination: the hold, the recovery, the quota and the places of jobs are its
-- own, wherever its records are. Claims in the lanes follow, which carry what is answered here.
--
-- ARGV  requests per minute, requests that may start in the process, records in one request at most, requests granted before and not
--       sent, mark of the credentials, ms that a request can be in flight, ms that records may be gathered, jobs that may run at a time,
--       records that are due in all lanes, for how long (ms) the first of them has been
-- Returns  { 'held', ms left ('' for no end), reason }, { 'wait', ms }, or { 'granted', requests, { pass of a request, … } (in a recovery
--          only), records that go with them, whether this is a recovery ('1' or ''), when the last hold ended (ms, or ''), the record
--          that a probe passes over, or '' }
-- Keeps true: a request is granted once. A worker that dies before it claims leaves its requests ungiven: the bucket fills again, and
--       a pass ends by its time.
local per_minute = take_number()
local order = { wanted = take_number() }
local batch, back, credentials, pass_ms = take_number(), take_number(), take(), take_number()
order.gather, order.places = take_number(), take_number()
local ready, waited = take_number(), take_number()
local micros = now_micros()
local now = math.floor(micros / 1000)

local function granted()
  local reason, left = hold_of(now, credentials)
  if reason then return { 'held', left, reason } end
  local requests, again = allowance(micros, per_minute, order.wanted, back)
  if ready == 0 then return { 'wait', 60000 } end
  if requests == 0 then return { 'wait', again } end
  local allowed = gate_value('allowed')
  local probing = allowed == '1'
  local starts, records = portion(now, order, probing and 1 or batch, requests, ready, waited)
  if not starts then return { 'wait', records } end
  requests = math.min(starts, ready)
  local passes, blamed = spend(micros, per_minute, requests, pass_ms), probing and gate_value('blamed')
  return { 'granted', requests, passes, records, allowed and '1' or '', gate_value('released') or '', blamed or '' }
end
return gated(granted())
