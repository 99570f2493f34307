-- For wrk: reviews in turn, one a request. Each answer has to be that of its own text.
local texts = {}
for line in io.lines(os.getenv("TEXTS") or "examples/reviews.txt") do
  if #line > 0 and not line:find("[^\32-\126]") then texts[#texts + 1] = line end
end
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  known, place, answered, wrong = {}, math.random(#texts), 0, 0
end

local headers = { ["Content-Type"] = "application/json" }

function request()
  place = place % #texts + 1
  local text = texts[place]:gsub('[\\"]', "\\%0")
  return wrk.format("POST", "/api/score", headers, '{"text": "' .. text .. '"}')
end

-- A text has one label, and nearly the same score, whatever it is scored with.
function response(status, _, body)
  if status ~= 200 then return end
  answered = answered + 1
  local text, label, score = body:match('^{"text": (".-"), "label": "([a-z ]+)", "score": ([%d.e-]+)')
  local before = text and known[text]
  if not text then
    wrong = wrong + 1
  elseif not before then
    known[text] = { label, tonumber(score) }
  elseif before[1] ~= label or math.abs(before[2] - tonumber(score)) > 1e-4 then
    wrong = wrong + 1
  end
end

function done(summary, latency)
  local answered, wrong, seen = 0, 0, 0
  for _, thread in ipairs(threads) do
    answered, wrong = answered + thread:get("answered"), wrong + thread:get("wrong")
  end
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format(
    "texts/s %.1f  median %.0f ms  99%% %.0f ms  answered %d  wrong %d  errors %d",
    answered / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    answered, wrong, failed
  ))
end
