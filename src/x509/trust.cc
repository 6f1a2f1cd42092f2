// Where trust anchors come from.
#include <handfast/trust.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "x509/anchors.h"
#include "x509/files.h"
#include "x509/name.h"
#include "x509/pem.h"

namespace handfast {
namespace {

namespace fs = std::filesystem;
using x509::Certificate;
using x509::unreadable;
using Store = TrustAnchors::Store;

/// A bundle of the whole web PKI is a quarter of a megabyte.
constexpr std::size_t max_file_size = 16 << 20;

Error no_certificate(const fs::path& path) {
  return Error(Alert::internal_error, Reason::bad_pem)
      .with("path", path.string())
      .with("expected", "at least one CERTIFICATE block");
}

/// What becomes of a block that is no certificate.
enum class Malformed : std::uint8_t { refuse, pass_over };

/// Gathers certificates from any number of sources.
class Collector {
 public:
  using List = std::vector<Store::Entry> Store::*;
  Collector(List list, Malformed malformed) noexcept : list_(list), malformed_(malformed) {}

  Result<void> add(Bytes der) {
    Result<Certificate> certificate = Certificate::parse(der);
    if (certificate) {
      std::uint64_t hash = x509::hash_name((*certificate)->subject);
      (store_.get()->*list_).push_back({hash, *std::move(certificate), nullptr, {Store::Terms{}}});
    } else if (malformed_ == Malformed::pass_over) {
      ++store_->passed_over;
    } else {
      // What is wrong is our own configuration, not something that a peer sent.
      Error error(Alert::internal_error, Reason::bad_certificate);
      if (const Fact::Value* field = certificate.error().find("field")) error = std::move(error).with("field", *field);
      return fail(std::move(error).with("index", static_cast<std::int64_t>(count_)));
    }
    ++count_;
    return {};
  }

  /// Gives how many CERTIFICATE blocks there were.
  Result<std::size_t> add_pem(std::string_view text) {
    Result<std::vector<x509::PemBlock>> blocks = x509::decode_pem(text);
    if (!blocks) return fail(std::move(blocks.error()));
    count_ = 0;
    for (const x509::PemBlock& block : *blocks) {
      if (block.label != "CERTIFICATE") continue;
      if (Result<void> added = add(block.der); !added) return fail(std::move(added.error()));
    }
    return count_;
  }

  Result<void> add_path(const fs::path& path) {
    std::error_code error;
    bool directory = fs::is_directory(path, error);
    Result<std::size_t> count = directory ? add_directory(path) : add_file(path);
    if (!count) return fail(std::move(count.error()));
    if (*count == 0) return fail(no_certificate(path));
    return {};
  }

  std::unique_ptr<Store> finish() {
    store_->settle();
    for (Store::Entry& authority : store_->authorities)
      if (auto key = x509::import_key(authority.certificate->public_key))
        authority.key = std::make_shared<const crypto::VerifyingKey>(*std::move(key));
    return std::move(store_);
  }
  bool empty() const noexcept { return (store_.get()->*list_).empty(); }

 private:
  Result<std::size_t> add_file(const fs::path& path) {
    Result<Buffer> text = x509::read_file(path, max_file_size);
    if (!text) return fail(std::move(text.error()));
    Result<std::size_t> count = add_pem(as_text(*text));
    if (!count) return fail(std::move(count.error()).with("path", path.string()));
    return count;
  }

  Result<std::size_t> add_directory(const fs::path& path) {
    Result<std::vector<fs::path>> files = x509::files_in(path);
    if (!files) return fail(std::move(files.error()));
    std::size_t total = 0;
    for (const fs::path& file : *files) {
      Result<std::size_t> count = add_file(file);
      if (!count) return count;
      total += *count;
    }
    return total;
  }

  std::unique_ptr<Store> store_ = std::make_unique<Store>();
  List list_;              ///< where they go
  std::size_t count_ = 0;  ///< of the blocks in the text that is read
  Malformed malformed_;
};

std::vector<fs::path> system_sources() {
  std::vector<fs::path> sources;
  if (const char* file = std::getenv("SSL_CERT_FILE"); file != nullptr && *file != '\0') sources.emplace_back(file);
  if (const char* directories = std::getenv("SSL_CERT_DIR"); directories != nullptr) {
    std::string_view rest = directories;
    while (!rest.empty()) {
      std::size_t end = std::min(rest.find(':'), rest.size());
      if (end > 0) sources.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  if (!sources.empty()) return sources;
  for (const char* place : {
           "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Alpine, Arch, Gentoo
           "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL
           "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL, CentOS
           "/etc/ssl/ca-bundle.pem",                             // openSUSE
           "/etc/ssl/cert.pem",                                  // Alpine, the BSDs, macOS
           "/etc/ssl/certs",
       }) {
    std::error_code error;
    if (fs::exists(place, error)) return {place};
  }
  return {};
}

Result<std::unique_ptr<Store>> read_system() {
  std::vector<fs::path> sources = system_sources();
  if (sources.empty()) return fail(unreadable("/etc/ssl/certs", "no bundle of trusted certificates is installed"));
  Collector collector(&Store::authorities, Malformed::pass_over);
  for (const fs::path& source : sources)
    if (Result<void> added = collector.add_path(source); !added) return fail(std::move(added.error()));
  if (collector.empty()) return fail(no_certificate(sources.front()));
  return collector.finish();
}

/// The process's one set of what the system trusts. It is never waited for while it is read anew.
class SystemSet {
 public:
  /// Null where none was read.
  TrustAnchors::Shared get() {
    const std::lock_guard lock(mutex_);
    return set_;
  }
  void put(TrustAnchors::Shared set) {
    const std::lock_guard lock(mutex_);
    set_ = std::move(set);
  }
  std::mutex reading;  ///< held by the one who reads: two would do the same, and the older reading could win

 private:
  std::mutex mutex_;
  TrustAnchors::Shared set_;
};
SystemSet& system_set() {
  static SystemSet one;
  return one;
}

Error empty_list() {
  return Error(Alert::internal_error, Reason::bad_config)
      .with("option", "trust_anchors")
      .with("problem", "an empty list of certificates");
}

}  // namespace

Result<TrustAnchors::Shared> TrustAnchors::from_pem(std::string_view text) {
  Collector collector(&Store::authorities, Malformed::refuse);
  Result<std::size_t> count = collector.add_pem(text);
  if (!count) return fail(std::move(count.error()));
  if (*count == 0)
    return fail(Error(Alert::internal_error, Reason::bad_pem).with("expected", "at least one CERTIFICATE block"));
  return Shared(new TrustAnchors(collector.finish()));
}

Result<TrustAnchors::Shared> TrustAnchors::from_path(const fs::path& path) {
  Collector collector(&Store::authorities, Malformed::refuse);
  if (Result<void> added = collector.add_path(path); !added) return fail(std::move(added.error()));
  return Shared(new TrustAnchors(collector.finish()));
}

Result<TrustAnchors::Shared> TrustAnchors::from_der(std::span<const Bytes> certificates) {
  Collector collector(&Store::authorities, Malformed::refuse);
  for (Bytes der : certificates)
    if (Result<void> added = collector.add(der); !added) return fail(std::move(added.error()));
  if (collector.empty()) return fail(empty_list());
  return Shared(new TrustAnchors(collector.finish()));
}

Result<TrustAnchors::Shared> TrustAnchors::pinned(std::span<const Bytes> certificates) {
  Collector collector(&Store::pinned, Malformed::refuse);
  for (Bytes der : certificates)
    if (Result<void> added = collector.add(der); !added) return fail(std::move(added.error()));
  if (collector.empty()) return fail(empty_list());
  return Shared(new TrustAnchors(collector.finish()));
}

Result<TrustAnchors::Shared> TrustAnchors::system() {
  if (Shared set = system_set().get()) return set;
  const std::lock_guard lock(system_set().reading);
  if (Shared set = system_set().get()) return set;  // somebody else has read it meanwhile
  return read_system_set();
}

Result<TrustAnchors::Shared> TrustAnchors::reload_system() {
  const std::lock_guard lock(system_set().reading);
  return read_system_set();
}

Result<TrustAnchors::Shared> TrustAnchors::read_system_set() {
  Result<std::unique_ptr<Store>> store = read_system();
  if (!store) return fail(std::move(store.error()));
  Shared set(new TrustAnchors(*std::move(store)));
  system_set().put(set);
  return set;
}

}  // namespace handfast
