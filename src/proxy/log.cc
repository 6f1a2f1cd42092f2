// Log: lines made here, written by spdlog.
#include "proxy/log.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <nlohmann/json.hpp>

#include "doctor/style.h"

namespace handfast::proxy {
namespace {

/// Seconds until standard error hears once more that the log can't be written.
constexpr std::int64_t tell_again = 60;
/// Bytes of one value in a line of text.
constexpr std::size_t longest_text = 1024;

/// "2026-11-30T06:00:00.123Z", until the thread asks again.
std::string_view now_text() {
  using Seconds = std::chrono::sys_seconds;
  thread_local Seconds last{Seconds::min()};
  thread_local std::string text;  // of that second; the rest is put in each time
  constexpr std::size_t milliseconds_at = std::string_view("2026-11-30T06:00:00.").size();
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  if (seconds != last) {
    text = fmt::format("{:%Y-%m-%dT%H:%M:%S}.000Z", fmt::gmtime(seconds));
    last = seconds;
  }
  auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count();
  for (std::size_t i = 3; i-- > 0; rest /= 10) text[milliseconds_at + i] = static_cast<char>('0' + rest % 10);
  return text;
}

/// Printable ASCII that stands for itself in a string of JSON, and between the quotes of ours.
bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }
/// And of those what needs no quotes.
bool is_bare(char c) { return is_plain(c) && c != ' ' && c != '=' && c != ','; }

void put_json(std::string& out, std::string_view value) {
  if (std::ranges::all_of(value, is_plain))
    out.append("\"").append(value).append("\"");
  else
    out += nlohmann::json(value).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

void put_text(std::string& out, std::string_view value) {
  if (!value.empty() && std::ranges::all_of(value, is_bare)) {
    out += value;
    return;
  }
  out += '"';
  for (const char& c : value.substr(0, longest_text)) {
    // A backslash too: else one in front of a quote would end the value, and what follows be another field.
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else
      out += doctor::printable({&c, 1}, 1);
  }
  out += value.size() > longest_text ? "...\"" : "\"";
}

}  // namespace

LogLine::LogLine(LogFormat format, std::string_view event) : format_(format) {
  text_.reserve(512);
  if (format == LogFormat::json)
    text_.append("{\"time\":\"").append(now_text()).append("\",\"event\":\"").append(event).append("\"");
  else
    text_.append(now_text()).append(" ").append(event);
}

void LogLine::begin(std::string_view key) {
  if (format_ == LogFormat::json)
    text_.append(",\"").append(key).append("\":");
  else
    text_.append(" ").append(key).append("=");
}

void LogLine::put(std::string_view value) {
  if (format_ == LogFormat::json)
    put_json(text_, value);
  else
    put_text(text_, value);
}

LogLine& LogLine::add(std::string_view key, std::string_view value) {
  if (value.empty()) return *this;
  begin(key);
  put(value);
  return *this;
}

LogLine& LogLine::add(std::string_view key, std::span<const std::string> values) {
  if (values.empty()) return *this;
  begin(key);
  if (format_ == LogFormat::json) text_ += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text_ += ',';
    put(values[i]);
  }
  if (format_ == LogFormat::json) text_ += ']';
  return *this;
}

LogLine& LogLine::add(std::string_view key, std::uint64_t value) {
  begin(key);
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

LogLine& LogLine::add_milliseconds(std::string_view key, std::uint64_t nanoseconds) {
  begin(key);
  const std::uint64_t tenths = (nanoseconds + 50'000) / 100'000;
  fmt::format_to(std::back_inserter(text_), "{}.{}", tenths / 10, tenths % 10);
  return *this;
}

LogLine& LogLine::add_yes(std::string_view key, bool value) {
  if (!value) return *this;
  begin(key);
  text_ += format_ == LogFormat::json ? "true" : "yes";
  return *this;
}

struct Log::State {
  std::string path;
  std::mutex mutex;  ///< of `logger` itself, which `reopen` replaces
  std::shared_ptr<spdlog::logger> logger;
  std::atomic<std::uint64_t> lost{0};
  std::atomic<std::int64_t> told{0};  ///< when standard error heard of it, in seconds; never: 0

  std::shared_ptr<spdlog::logger> make();
  std::shared_ptr<spdlog::logger> current() {
    const std::lock_guard lock(mutex);
    return logger;
  }
};

std::shared_ptr<spdlog::logger> Log::State::make() {
  spdlog::sink_ptr sink;
  if (path.empty())
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  else
    sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
  auto made = std::make_shared<spdlog::logger>("handfast", std::move(sink));
  made->set_pattern("%v");
  made->set_error_handler([this](const std::string& why) {
    ++lost;
    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
    std::int64_t before = told;
    const bool due = before == 0 || now >= before + tell_again;
    if (due && told.compare_exchange_strong(before, now) && !path.empty())
      fmt::print(stderr, "handfast: the log {} can't be written, and lines are lost: {}\n", path, why);
  });
  return made;
}

Result<std::shared_ptr<Log>> Log::open(const std::string& path, LogFormat format) {
  auto state = std::make_unique<State>();
  state->path = path;
  std::shared_ptr<Log> log(new Log(format, std::move(state)));
  Result<> opened = log->reopen();
  if (!opened) return fail(std::move(opened).error());
  return log;
}

Log::Log(LogFormat format, std::unique_ptr<State> state) noexcept : format_(format), state_(std::move(state)) {}
Log::~Log() { flush(); }

void Log::write(LogLine line) {
  if (line.format_ == LogFormat::json) line.text_ += '}';
  state_->current()->log(spdlog::level::info, spdlog::string_view_t(line.text_.data(), line.text_.size()));
}

void Log::flush() {
  const std::shared_ptr<spdlog::logger> logger = state_->current();
  if (logger) logger->flush();
}

Result<> Log::reopen() {
  try {
    auto made = state_->make();
    const std::lock_guard lock(state_->mutex);
    state_->logger = std::move(made);
  } catch (const spdlog::spdlog_ex& error) {
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", "log")
                    .with("problem", std::string("it can't be opened: ") + error.what())
                    .with("value", state_->path));
  }
  return {};
}

std::uint64_t Log::lost() const noexcept { return state_->lost; }

}  // namespace handfast::proxy
