// run: what signals and files ask for, in a thread that does nothing else.
#include "proxy/run.h"

#include <pthread.h>
#include <signal.h>

#include <optional>
#include <utility>

#include "doctor/verdict.h"
#include "proxy/handshake_line.h"
#include "proxy/har.h"
#include "proxy/watch.h"

namespace handfast::proxy {
namespace {

/// The signals that we act upon, blocked in this thread and those that it makes: they are waited for.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int each : {SIGHUP, SIGTERM, SIGINT}) sigaddset(&set_, each);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~Signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// 0: none came within a second.
  int wait() const {
    const timespec second{1, 0};
    const int signal = sigtimedwait(&set_, nullptr, &second);
    return signal > 0 ? signal : 0;
  }
  /// A second one is not waited for: it ends the process. Nothing is made anew any more, and SIGHUP ends nothing.
  void let_end() const {
    ::signal(SIGHUP, SIG_IGN);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

class Process {
 public:
  Process(const RunOptions& options, const Make& make, std::shared_ptr<Log> log)
      : options_(options), make_(make), server_(options.workers, std::move(log)) {}

  NetResult<> start(std::string& failed_address) {
    Result<Listeners> made = make_(lasting_, files_);
    if (!made) return std::unexpected(NetError(Stage::listen, std::move(made).error()));
    NetResult<> listening = server_.listen(*made);
    if (!listening) failed_address = server_.failed_address();
    watch_.emplace(files_);
    return listening;
  }

  static LogLine& add_refusal(LogLine& line, const Error& error) {
    const doctor::Verdict verdict = doctor::judge_config(error);
    return line.add("code", verdict.reference).add("error", verdict.summary).add("found", verdict.found);
  }
  void tell(LogLine line, const Error& error) { log().write(std::move(add_refusal(line, error))); }

  /// What is written to may have been moved away (rotation).
  void reopen_files() {
    if (Result<> reopened = log().reopen(); !reopened) tell(log().line("reload"), reopened.error());
    for (const auto& [path, har] : lasting_.hars) {
      const std::shared_ptr<HarFile> file = har.lock();
      if (!file) continue;
      if (Result<> reopened = file->reopen(); !reopened) tell(log().line("har").add("file", path), reopened.error());
    }
  }

  void reload(std::string_view why) {
    // What changes while it is read is seen at the next look: this one was before.
    watch_->has_changed();
    Files files;
    Result<Listeners> made = make_(lasting_, files);
    LogLine line = log().line("reload");
    line.add("because", why);
    if (!made) {
      add_refusal(line.add("result", "refused: what was there goes on"), made.error());
      watch_also(std::move(files));
    } else if (NetResult<> listening = server_.listen(*made); !listening) {
      line.add("result", "refused: what was there goes on")
          .add("error", listening.error().message())
          .add("listener", server_.failed_address());
      watch_also(std::move(files));
    } else {
      line.add("result", "done").add("listeners", std::uint64_t{made->size()});
      files_ = std::move(files);
      watch_ = Watch(files_, *watch_);
    }
    log().write(std::move(line));
  }

  void look_at_files() {
    if (watch_->has_changed()) reload("a file has changed");
  }

  void drain(int signal) {
    log().write(log()
                    .line("drain")
                    .add("because", signal == SIGINT ? "SIGINT" : "SIGTERM")
                    .add("connections", std::uint64_t{server_.connections()}));
    log().flush();
    const std::size_t cut = server_.drain(options_.drain_timeout);
    log().write(log().line("end").add("cut_off", std::uint64_t{cut}));
  }

  Log& log() { return server_.log(); }
  const std::vector<net::HostPort>& addresses() const { return server_.addresses(); }

 private:
  /// Of what was refused one file alone may be wrong, which nothing names that goes on.
  void watch_also(Files refused) {
    refused.insert(refused.end(), files_.begin(), files_.end());
    watch_ = Watch(std::move(refused), *watch_);
  }

  const RunOptions& options_;
  const Make& make_;
  Lasting lasting_;
  Server server_;
  Files files_;  ///< of what goes on
  std::optional<Watch> watch_;
};

}  // namespace

NetResult<> run(const RunOptions& options, const Make& make,
                const std::function<void(const std::vector<net::HostPort>&)>& listening, std::string& failed_address) {
  Result<std::shared_ptr<Log>> log = Log::open(options.log, options.log_format);
  if (!log) return std::unexpected(NetError(Stage::listen, std::move(log).error()));
  const Signals signals;
  Process process(options, make, *log);
  NetResult<> started = process.start(failed_address);
  if (!started) return started;
  listening(process.addresses());
  for (;;) {
    const int signal = signals.wait();
    if (signal == SIGTERM || signal == SIGINT) {
      signals.let_end();
      process.drain(signal);
      return {};
    }
    if (signal == SIGHUP) {
      process.reopen_files();
      process.reload("SIGHUP");
    } else {
      process.look_at_files();
    }
  }
}

}  // namespace handfast::proxy
