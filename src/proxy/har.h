// What was asked and answered, in the HTTP Archive format 1.2, for browsers' tools and others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/http_server.h>

#include "base/descriptor.h"

namespace handfast::proxy {

/// The content of a message as it passed, up to a bound.
class HarBody {
 public:
  explicit HarBody(std::size_t bound) noexcept : bound_(bound) {}
  void add(Bytes content);
  Bytes kept() const noexcept { return kept_; }
  std::uint64_t size() const noexcept { return size_; }  ///< of all that passed
  bool whole() const noexcept { return kept_.size() == size_; }

 private:
  std::size_t bound_;
  std::uint64_t size_ = 0;
  Buffer kept_;
};

/// Milliseconds each; less than zero: it does not apply (of a connection that was there already, say).
struct HarTimings {
  double blocked = -1;
  double dns = -1;
  double connect = -1;  ///< TLS included, as the format has it
  double ssl = -1;
  double send = 0;
  double wait = 0;
  double receive = 0;
};

struct HarEntry {
  std::int64_t started = 0;  ///< milliseconds since 1970
  HarTimings timings{};
  std::string method{};
  std::string url{};           ///< absolute
  std::string http_version{};  ///< "HTTP/1.1"
  std::vector<http::Field> request_fields{};
  std::int64_t request_head_size = -1;  ///< bytes; -1: not known
  const HarBody* request_body = nullptr;
  unsigned status = 0;  ///< 0: there was no answer
  std::string reason{};
  std::vector<http::Field> response_fields{};
  std::int64_t response_head_size = -1;
  const HarBody* response_body = nullptr;
  std::string server_address{};  ///< "192.0.2.1", "2001:db8::1"
  std::string connection{};      ///< which one: the same for all requests of one
  std::string comment{};         ///< "TLS 1.3, ..."
};

/// The entry as it stands in the file, in ASCII. What is no UTF-8 is replaced in names and fields; a body that is no
/// text, by its type or its bytes, stands in base64.
std::string har_entry_json(const HarEntry& entry);

/// A file of them. After each entry it is whole: what ends it is written anew behind the last one, in one piece with
/// it. Thread-safe.
class HarFile {
 public:
  /// Made with mode 0600, for it holds what was said in confidence; one of ours that is there already is gone on with.
  /// `creator_version`: ours. Fails with bad_config, evidence `option` = "har", `problem`, `value`, `remedy`: it can't
  /// be opened or written, it is no file, or none of ours, which is not overwritten, or one that others may read.
  static Result<std::shared_ptr<HarFile>> open(const std::string& path, std::string_view creator_version);

  /// Opens it again, for it may have been moved away or emptied (log rotation). Where that fails, as `open` does, the
  /// old one is gone on with.
  Result<> reopen();

  /// The file may have `bound` bytes; 0: as many as there is room for. The first entry that does not fit is the end: no
  /// smaller one goes in behind it. What could not be written, on a full disk or past the bound, is lost, and the file
  /// stays as it was. Gives why, in words, of the first that is lost, until one is written again.
  std::optional<std::string> append(const HarEntry& entry, std::uint64_t bound);
  const std::string& path() const noexcept { return path_; }
  std::uint64_t lost() const noexcept;

 private:
  /// One that can be gone on with.
  struct Begun {
    base::Descriptor file;
    std::uint64_t end;  ///< where the entries end and the tail begins
    bool is_empty;      ///< there is no entry yet
  };
  static Result<Begun> begin(base::Descriptor file, const std::string& path, std::string_view creator_version);
  HarFile(std::string path, std::string_view creator_version, Begun begun) noexcept
      : path_(std::move(path)), creator_version_(creator_version), begun_(std::move(begun)) {}
  Result<> begin_anew(base::Descriptor file);
  bool is_as_left() const noexcept;
  std::optional<std::string> lose(std::string why);

  const std::string path_;
  const std::string creator_version_;
  mutable std::mutex mutex_;
  Begun begun_;
  std::optional<std::uint64_t> full_for_;  ///< the bound that an entry would have gone past
  bool failing_ = false;
  std::uint64_t lost_ = 0;
};

}  // namespace handfast::proxy
