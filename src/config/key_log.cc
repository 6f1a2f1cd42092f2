// SSLKEYLOGFILE (RFC 9850): lines of label, client random and secret.
#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <handfast/trace.h>

namespace handfast {
namespace {

class FileKeyLog final : public KeyLog {
 public:
  explicit FileKeyLog(int file) noexcept : file_(file) {}
  ~FileKeyLog() override { ::close(file_); }
  FileKeyLog(const FileKeyLog&) = delete;
  FileKeyLog& operator=(const FileKeyLog&) = delete;

  void log(std::string_view label, Bytes client_random, Bytes secret) override {
    // One write a line: with O_APPEND, lines of several connections and processes do not mix.
    const std::string line =
        fmt::format("{} {:02x} {:02x}\n", label, fmt::join(client_random, ""), fmt::join(secret, ""));
    [[maybe_unused]] const ssize_t written = ::write(file_, line.data(), line.size());
  }

 private:
  int file_;
};

}  // namespace

Result<std::shared_ptr<KeyLog>> key_log_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(Error(Alert::internal_error, Reason::file_not_readable)
                    .with("path", path)
                    .with("error", std::string(std::strerror(errno))));
  return std::make_shared<FileKeyLog>(file);
}

}  // namespace handfast
