// The log: one line for each thing that happened, for people or for programs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <handfast/error.h>

namespace spdlog {
class logger;
}

namespace handfast::proxy {

enum class LogFormat : std::uint8_t { text, json };

/// A line in the making: what it is of, and fields in the order in which they are added. Text:
/// "2026-11-30T06:00:00.123Z handshake peer=192.0.2.1:4711 version="TLS 1.3""; JSON: an object with "time" and "event"
/// first. Whatever a peer said is made printable. A field without a value is left out.
class LogLine {
 public:
  LogLine(LogFormat format, std::string_view event);

  LogLine& add(std::string_view key, std::string_view value);
  LogLine& add(std::string_view key, const char* value) { return add(key, std::string_view(value)); }
  LogLine& add(std::string_view key, std::span<const std::string> values);
  LogLine& add(std::string_view key, std::uint64_t value);
  LogLine& add_milliseconds(std::string_view key, std::uint64_t nanoseconds);
  LogLine& add_yes(std::string_view key, bool value);  ///< left out where it is not so

 private:
  friend class Log;
  void begin(std::string_view key);
  void put(std::string_view value);
  LogFormat format_;
  std::string text_;
};

/// Where lines go. Thread-safe; buffered, `flush` is called now and then. What can't be written, on a full disk
/// say, is lost, each failure counted, and nothing waits for it; standard error hears of it, once a minute at most.
class Log {
 public:
  /// To standard error where `path` is empty, else appended to that file. Fails with bad_config, evidence `option`
  /// "log", `problem`, `value`.
  static Result<std::shared_ptr<Log>> open(const std::string& path, LogFormat format);
  ~Log();

  LogLine line(std::string_view event) const { return LogLine(format_, event); }
  void write(LogLine line);
  void flush();
  /// Opens the file again, which may have been moved away (log rotation). Where that fails the old one is kept.
  Result<> reopen();
  std::uint64_t lost() const noexcept;  ///< failures

 private:
  struct State;
  Log(LogFormat format, std::unique_ptr<State> state) noexcept;
  LogFormat format_;
  std::unique_ptr<State> state_;
};

}  // namespace handfast::proxy
