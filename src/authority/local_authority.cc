// LocalAuthority: what is in the folder, and whether it may be used.
//
// Nothing half-made is ever seen: each file appears whole, the key before the certificate, and whoever misses one of
// them waits for whoever makes them (a lock on the folder, which goes with its process) before he looks again.
#include "authority/local_authority.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/replace_file.h"
#include "base/secret.h"
#include "x509/files.h"
#include "x509/pem.h"

namespace handfast::authority {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t day = 86400;
constexpr std::int64_t lifetime = 3650 * day;
constexpr std::size_t max_key_file = std::size_t{64} << 10;
constexpr std::size_t max_certificate_file = std::size_t{1} << 20;

constexpr const char* name_another = "Name another folder (--ca-dir), or mend this one.";

Error unusable(const fs::path& path, std::string problem, std::string remedy) {
  return Error(Alert::internal_error, Reason::bad_config)
      .with("option", "ca-dir")
      .with("problem", std::move(problem))
      .with("path", path.string())
      .with("remedy", std::move(remedy));
}

/// Not what a peer did wrong, but our own files.
Error of_file(Reason reason, const fs::path& path, std::string remedy) {
  return Error(Alert::internal_error, reason).with("path", path.string()).with("remedy", std::move(remedy));
}

std::string words_of(int error) { return std::strerror(error); }

fs::path certificate_in(const fs::path& folder) { return folder / "ca.crt"; }
fs::path key_in(const fs::path& folder) { return folder / "ca.key"; }

/// Whoever can put files there can be the authority.
Result<void> check_folder(const fs::path& folder) {
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0)
    return fail(unusable(folder, "the folder can't be read: " + words_of(errno), name_another));
  if (!S_ISDIR(status.st_mode)) return fail(unusable(folder, "it is no folder", name_another));
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return fail(unusable(folder, "the folder belongs to somebody else", name_another));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fail(unusable(folder, "others may write to the folder: its authority could be anybody's",
                         fmt::format("If nobody else has: chmod go-w {}", folder.string())));
  return {};
}

/// A private key that nobody else may read.
Result<base::SecretBuffer> read_key_file(const fs::path& path) {
  const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return fail(x509::unreadable(path, words_of(errno)).with("remedy", name_another));
  if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) > max_key_file)
    return fail(of_file(Reason::bad_private_key, path, "Put the authority's key there, in PEM, as it was."));
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return fail(unusable(path, "the authority's key belongs to somebody else", name_another));
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(
        unusable(path, "others may read the authority's key: they could pass for any host",
                 fmt::format("If nobody else has: chmod 600 {}; else remove both files, have new ones made, and "
                             "take the old certificate out of whatever trusts it.",
                             path.string())));
  Buffer text(static_cast<std::size_t>(status.st_size));
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t count = ::read(file.get(), text.data() + at, text.size() - at);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    at += static_cast<std::size_t>(count);
  }
  base::SecretBuffer secret(std::move(text));
  if (at < secret.view().size()) return fail(x509::unreadable(path, words_of(errno)).with("remedy", name_another));
  return secret;
}

Result<crypto::SigningKey> load_key(const fs::path& path) {
  Result<base::SecretBuffer> text = read_key_file(path);
  if (!text) return fail(std::move(text.error()));
  const std::string remedy = "Put the authority's key there as it was; or remove both files, to have new ones made.";
  Result<std::vector<x509::PemBlock>> blocks = x509::decode_pem(as_text(text->view()));
  if (!blocks) return fail(of_file(Reason::bad_pem, path, remedy).with("expected", "a PRIVATE KEY"));
  for (const x509::PemBlock& block : *blocks) {
    if (!block.label.ends_with("PRIVATE KEY")) continue;
    Result<crypto::SigningKey> key = crypto::SigningKey::from_der(block.der);
    if (!key) return fail(of_file(key.error().reason(), path, remedy));
    return key;
  }
  return fail(of_file(Reason::bad_pem, path, remedy).with("expected", "a PRIVATE KEY"));
}

/// The authority's first, then those that lead from it to a root.
Result<std::vector<x509::Certificate>> load_certificates(const fs::path& path) {
  const std::string remedy =
      "Put the authority's certificate there as it was; or remove both files, to have new ones made.";
  Result<Buffer> text = x509::read_file(path, max_certificate_file);
  if (!text) return fail(std::move(text.error()).with("remedy", name_another));
  Result<std::vector<x509::PemBlock>> blocks = x509::decode_pem(as_text(*text));
  if (!blocks) return fail(of_file(Reason::bad_pem, path, remedy).with("expected", "a CERTIFICATE"));
  std::vector<x509::Certificate> certificates;
  for (const x509::PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE") continue;
    Result<x509::Certificate> certificate = x509::Certificate::parse(block.der);
    if (!certificate) return fail(of_file(Reason::bad_certificate, path, remedy));
    certificates.push_back(std::move(*certificate));
  }
  if (certificates.empty()) return fail(of_file(Reason::bad_pem, path, remedy).with("expected", "a CERTIFICATE"));
  return certificates;
}

/// Whether leaves that it signs would be believed.
Result<void> check_authority(const x509::CertificateView& ca, const fs::path& path, std::int64_t now) {
  const std::string renew =
      "Remove ca.crt and ca.key, to have new ones made, and have the new ca.crt trusted in place of the old one.";
  if (!ca.is_ca() || (ca.key_usage && !contains(*ca.key_usage, x509::KeyUsage::keyCertSign)))
    return fail(of_file(Reason::not_a_ca, path, "Put an authority's certificate there: CA:TRUE, keyCertSign."));
  if (!ca.subject_key_identifier)
    return fail(unusable(path, "the authority's certificate has no subjectKeyIdentifier", renew));
  if (now > ca.not_after)
    return fail(of_file(Reason::certificate_expired, path, renew)
                    .with("not_after", x509::time_text(ca.not_after))
                    .with("now", x509::time_text(now)));
  if (now < ca.not_before)
    return fail(of_file(Reason::certificate_not_yet_valid, path, "Set the clock.")
                    .with("not_before", x509::time_text(ca.not_before))
                    .with("now", x509::time_text(now)));
  return {};
}

/// Which of the two are there.
struct Presence {
  bool certificate;
  bool key;
};
Presence look(const fs::path& folder) {
  // What is there but can't be looked at is not missing: reading it will tell.
  const auto is_there = [](const fs::path& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0 || errno != ENOENT;
  };
  const bool certificate = is_there(certificate_in(folder));  // the key is there before it
  return {certificate, is_there(key_in(folder))};
}

/// A name of its own: who trusts one of them is told that he does not know another.
Result<Identity> make_root(std::int64_t now, Random& random) {
  std::array<std::uint8_t, 4> number;
  random.fill(number);
  CertificateOptions options =
      ca_options(fmt::format("Handfast local CA {:02x}", fmt::join(number, "")), now - day, now - day + lifetime);
  options.organization = "Handfast";
  options.path_len = 0;
  return make_ca(options, crypto::KeyType::p256, random);
}

Result<void> make_files(const fs::path& folder, std::int64_t now, Random& random) {
  Result<Identity> root = make_root(now, random);
  if (!root) return fail(std::move(root.error()));
  Result<Buffer> key = root->key.to_der();
  if (!key) return fail(std::move(key.error()));
  const base::SecretBuffer secret(std::move(*key));
  std::string pem = x509::encode_pem("PRIVATE KEY", secret.view());
  std::error_code error = base::create_file(key_in(folder), pem, base::FileAccess::owner);
  base::wipe(pem.data(), pem.size());
  fs::path failed = key_in(folder);
  if (!error) {
    failed = certificate_in(folder);
    error = base::create_file(failed, x509::encode_pem("CERTIFICATE", root->certificate.der()),
                              base::FileAccess::as_before);
    if (error) ::unlink(key_in(folder).c_str());  // ours, a moment old, and good for nothing
  }
  if (error) return fail(unusable(failed, "the file can't be made: " + error.message(), name_another));
  return {};
}

/// 0700 for those folders that are not there yet.
Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error)) return {};
  if (folder.has_parent_path() && folder.parent_path() != folder)
    if (Result<void> made = make_folder(folder.parent_path()); !made) return made;
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return fail(
      unusable(folder, "the folder can't be made: " + words_of(errno), "Name a folder of your own (--ca-dir)."));
}

}  // namespace

Result<fs::path> default_folder() {
  // The XDG Base Directory Specification has relative paths ignored.
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && data[0] == '/')
    return fs::path(data) / "handfast";
  if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/')
    return fs::path(home) / ".local" / "share" / "handfast";
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "ca-dir")
                  .with("problem", "there is no home to keep an authority in: neither XDG_DATA_HOME nor HOME is set")
                  .with("remedy", "Say where it is to be kept: --ca-dir DIR"));
}

LocalAuthority::LocalAuthority(Identity identity, std::vector<Buffer> chain, fs::path path) noexcept
    : identity_(std::move(identity)), chain_(std::move(chain)), path_(std::move(path)) {}

Result<LocalAuthority::Shared> LocalAuthority::open(const fs::path& where, std::int64_t now, Random& random) {
  const fs::path folder = where.has_filename() ? where : where.parent_path();
  if (Result<void> made = make_folder(folder); !made) return fail(std::move(made.error()));
  if (Result<void> checked = check_folder(folder); !checked) return fail(std::move(checked.error()));
  Presence presence = look(folder);
  if (presence.certificate && presence.key) return load(folder, now);

  const base::Descriptor lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  int locked = -1;
  if (lock.get() >= 0) do
      locked = ::flock(lock.get(), LOCK_EX);
    while (locked != 0 && errno == EINTR);
  if (locked != 0) return fail(unusable(folder, "the folder can't be locked: " + words_of(errno), name_another));
  presence = look(folder);
  if (presence.certificate != presence.key) {
    const fs::path found = presence.key ? key_in(folder) : certificate_in(folder);
    const fs::path missing = presence.key ? certificate_in(folder) : key_in(folder);
    return fail(unusable(
        missing, fmt::format("{} is there without {}", found.filename().string(), missing.filename().string()),
        fmt::format("Put {} back; or, to have both made anew: rm {}", missing.filename().string(), found.string())));
  }
  if (presence.key) return load(folder, now);
  if (Result<void> written = make_files(folder, now, random); !written) return fail(std::move(written.error()));
  // The names have to be on the disk as well: certificates that were trusted should not outlive their key.
  ::fsync(lock.get());
  Result<std::shared_ptr<LocalAuthority>> made = load(folder, now);
  if (made) (*made)->is_new_ = true;
  return made;
}

Result<std::shared_ptr<LocalAuthority>> LocalAuthority::load(const fs::path& folder, std::int64_t now) {
  const fs::path path = certificate_in(folder);
  Result<std::vector<x509::Certificate>> certificates = load_certificates(path);
  if (!certificates) return fail(std::move(certificates.error()));
  Result<crypto::SigningKey> key = load_key(key_in(folder));
  if (!key) return fail(std::move(key.error()));
  const x509::Certificate ca = certificates->front();
  if (!x509::matches(*ca, *key))
    return fail(of_file(Reason::key_does_not_match, path,
                        "Put back the two that belong together; or remove both, to have new ones made."));
  if (Result<void> checked = check_authority(*ca, path, now); !checked) return fail(std::move(checked.error()));
  std::vector<Buffer> chain;
  for (const x509::Certificate& certificate : *certificates)
    if (!certificate->self_issued()) chain.emplace_back(certificate.der().begin(), certificate.der().end());
  return std::shared_ptr<LocalAuthority>(new LocalAuthority(Identity{ca, std::move(*key)}, std::move(chain), path));
}

std::string LocalAuthority::certificate_pem() const {
  return x509::encode_pem("CERTIFICATE", identity_.certificate.der());
}

}  // namespace handfast::authority
