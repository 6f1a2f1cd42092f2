#include "proxy/har.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/utf8.h"
#include "x509/ascii.h"
#include "x509/pem.h"

namespace handfast::proxy {
namespace {

using x509::equal_without_case;
using Json = nlohmann::ordered_json;

constexpr std::string_view head_before_version = R"({"log":{"version":"1.2","creator":{"name":"Handfast","version":")";
constexpr std::string_view head_behind_version = R"("},"entries":[)";
constexpr std::string_view tail = "\n]}}\n";

// --- One entry -------------------------------------------------------------------------------------------------------

/// RFC 3339.
std::string time_text(std::int64_t milliseconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(milliseconds / 1000)),
                     milliseconds % 1000);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view value_of(const std::vector<http::Field>& fields, std::string_view name) {
  for (const http::Field& field : fields)
    if (equal_without_case(field.name, name)) return field.value;
  return {};
}

Json named(std::string_view name, std::string_view value) { return {{"name", name}, {"value", value}}; }

Json fields_json(const std::vector<http::Field>& fields) {
  Json list = Json::array();
  for (const http::Field& field : fields) list.push_back(named(field.name, field.value));
  return list;
}

/// What comes before `mark` in `rest`, which then begins behind it.
std::string_view take_until(std::string_view& rest, char mark) {
  const std::size_t at = std::min(rest.find(mark), rest.size());
  const std::string_view piece = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return piece;
}

Json cookie(std::string_view pair) {
  std::string_view value = pair;
  const std::string_view name = take_until(value, '=');
  return named(trimmed(name), trimmed(value));
}

Json request_cookies(const std::vector<http::Field>& fields) {
  Json list = Json::array();
  for (const http::Field& field : fields) {
    if (!equal_without_case(field.name, "cookie")) continue;
    for (std::string_view rest = field.value; !rest.empty();)
      if (const std::string_view pair = trimmed(take_until(rest, ';')); !pair.empty()) list.push_back(cookie(pair));
  }
  return list;
}

Json response_cookies(const std::vector<http::Field>& fields) {
  Json list = Json::array();
  for (const http::Field& field : fields) {
    if (!equal_without_case(field.name, "set-cookie")) continue;
    std::string_view rest = field.value;
    Json one = cookie(take_until(rest, ';'));
    one["httpOnly"] = false;
    one["secure"] = false;
    while (!rest.empty()) {
      std::string_view value = trimmed(take_until(rest, ';'));
      const std::string_view name = trimmed(take_until(value, '='));
      if (equal_without_case(name, "path")) one["path"] = value;
      if (equal_without_case(name, "domain")) one["domain"] = value;
      if (equal_without_case(name, "httponly")) one["httpOnly"] = true;
      if (equal_without_case(name, "secure")) one["secure"] = true;
    }
    list.push_back(std::move(one));
  }
  return list;
}

/// "+" and "%20" as they are meant; what is no escape stays.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size();
    const std::optional<unsigned> high = escaped ? x509::hex_digit(text[i + 1]) : std::nullopt;
    const std::optional<unsigned> low = escaped ? x509::hex_digit(text[i + 2]) : std::nullopt;
    if (high && low) {
      out += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Json query_string(std::string_view url) {
  Json list = Json::array();
  take_until(url, '?');
  for (std::string_view rest = take_until(url, '#'); !rest.empty();) {
    std::string_view value = take_until(rest, '&');
    const std::string_view name = take_until(value, '=');
    if (!name.empty() || !value.empty()) list.push_back(named(decoded(name), decoded(value)));
  }
  return list;
}

bool is_text_type(std::string_view type) {
  std::string kind(trimmed(take_until(type, ';')));
  std::ranges::transform(kind, kind.begin(), x509::lower);
  if (kind.starts_with("text/") || kind.ends_with("+json") || kind.ends_with("+xml")) return true;
  static constexpr std::string_view texts[] = {"application/json",    "application/javascript",
                                               "application/xml",     "application/x-www-form-urlencoded",
                                               "application/graphql", "application/x-ndjson"};
  return std::ranges::find(texts, kind) != std::end(texts);
}

std::string bound_comment(const HarBody& body) {
  return body.whole() ? std::string() : fmt::format("the first {} of {} bytes", body.kept().size(), body.size());
}

/// What was kept, without a character that the bound has cut.
Bytes whole_characters(const HarBody& body) {
  for (std::size_t cut = 0; cut < 4 && cut <= body.kept().size() && !body.whole(); ++cut)
    if (const Bytes text = body.kept().first(body.kept().size() - cut); base::is_utf8(text)) return text;
  return body.kept();
}

/// `text`, and `encoding` where it is base64.
void put_content(Json& out, const HarBody& body, std::string_view type) {
  const Bytes text = is_text_type(type) ? whole_characters(body) : Bytes();
  const bool is_text = !text.empty() && base::is_utf8(text);
  if (!body.kept().empty()) out["text"] = is_text ? std::string(as_text(text)) : x509::encode_base64(body.kept());
  if (!body.kept().empty() && !is_text) out["encoding"] = "base64";
  if (std::string comment = bound_comment(body); !comment.empty()) out["comment"] = std::move(comment);
}

Json request_json(const HarEntry& entry) {
  Json request = {{"method", entry.method},
                  {"url", entry.url},
                  {"httpVersion", entry.http_version},
                  {"cookies", request_cookies(entry.request_fields)},
                  {"headers", fields_json(entry.request_fields)},
                  {"queryString", query_string(entry.url)},
                  {"headersSize", entry.request_head_size},
                  {"bodySize", entry.request_body ? static_cast<std::int64_t>(entry.request_body->size()) : 0}};
  if (entry.request_body == nullptr || entry.request_body->size() == 0) return request;
  const std::string_view type = value_of(entry.request_fields, "content-type");
  Json data = {{"mimeType", type}, {"params", Json::array()}, {"text", ""}};
  put_content(data, *entry.request_body, type);
  request["postData"] = std::move(data);
  return request;
}

Json response_json(const HarEntry& entry) {
  const std::string_view type = value_of(entry.response_fields, "content-type");
  const std::int64_t size = entry.response_body ? static_cast<std::int64_t>(entry.response_body->size()) : 0;
  Json content = {{"size", size}, {"mimeType", type.empty() ? "application/octet-stream" : type}};
  if (entry.response_body != nullptr) put_content(content, *entry.response_body, type);
  return {{"status", entry.status},
          {"statusText", entry.reason},
          {"httpVersion", entry.status == 0 ? "" : "HTTP/1.1"},
          {"cookies", response_cookies(entry.response_fields)},
          {"headers", fields_json(entry.response_fields)},
          {"content", std::move(content)},
          {"redirectURL", value_of(entry.response_fields, "location")},
          {"headersSize", entry.response_head_size},
          {"bodySize", entry.status == 0 ? -1 : size}};
}

Json timings_json(const HarTimings& t) {
  return {{"blocked", t.blocked}, {"dns", t.dns},   {"connect", t.connect}, {"ssl", t.ssl},
          {"send", t.send},       {"wait", t.wait}, {"receive", t.receive}};
}

double total(const HarTimings& t) {
  double sum = 0;
  for (const double part : {t.blocked, t.dns, t.connect, t.send, t.wait, t.receive}) sum += std::max(part, 0.0);
  return sum;
}

// --- The file --------------------------------------------------------------------------------------------------------

Error refused(const std::string& path, std::string problem, std::string remedy) {
  return Error(Alert::internal_error, Reason::bad_config)
      .with("option", "har")
      .with("problem", std::move(problem))
      .with("value", path)
      .with("remedy", std::move(remedy));
}

bool write_at(int file, std::string_view text, std::uint64_t at) {
  while (!text.empty()) {
    const ssize_t written = ::pwrite(file, text.data(), text.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = ENOSPC;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
    at += static_cast<std::uint64_t>(written);
  }
  return true;
}

base::Descriptor open_file(const std::string& path) {
  return base::Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0600));
}

/// Whether that path leads to this file still.
bool is_at(int file, const std::string& path) {
  struct stat ours{}, found{};
  return ::fstat(file, &ours) == 0 && ::lstat(path.c_str(), &found) == 0 && ours.st_ino == found.st_ino &&
         ours.st_dev == found.st_dev;
}

/// As many bytes as there are, at most `size`.
std::string read_at(int file, std::uint64_t at, std::size_t size) {
  std::string text(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const ssize_t count = ::pread(file, text.data() + got, size - got, static_cast<off_t>(at + got));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    got += static_cast<std::size_t>(count);
  }
  text.resize(got);
  return text;
}

}  // namespace

void HarBody::add(Bytes content) {
  size_ += content.size();
  const Bytes kept = content.first(std::min(bound_ - kept_.size(), content.size()));
  kept_.insert(kept_.end(), kept.begin(), kept.end());
}

std::string har_entry_json(const HarEntry& entry) {
  Json json = {{"startedDateTime", time_text(entry.started)},
               {"time", total(entry.timings)},
               {"request", request_json(entry)},
               {"response", response_json(entry)},
               {"cache", Json::object()},
               {"timings", timings_json(entry.timings)}};
  if (!entry.server_address.empty()) json["serverIPAddress"] = entry.server_address;
  if (!entry.connection.empty()) json["connection"] = entry.connection;
  if (!entry.comment.empty()) json["comment"] = entry.comment;
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Result<std::shared_ptr<HarFile>> HarFile::open(const std::string& path, std::string_view creator_version) {
  Result<Begun> begun = begin(open_file(path), path, creator_version);
  if (!begun) return fail(std::move(begun.error()));
  return std::shared_ptr<HarFile>(new HarFile(path, creator_version, *std::move(begun)));
}

Result<HarFile::Begun> HarFile::begin(base::Descriptor file, const std::string& path,
                                      std::string_view creator_version) {
  const std::string another = "Name another file, in a folder of your own.";
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return fail(refused(path, std::string("it can't be opened: ") + std::strerror(errno), another));
  if (!S_ISREG(status.st_mode)) return fail(refused(path, "it is no plain file", another));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(refused(path, "another process writes to it", "Name another file."));
  std::uint64_t size = static_cast<std::uint64_t>(status.st_size);
  if (size == 0) {
    std::string skeleton(head_before_version);
    skeleton.append(creator_version).append(head_behind_version).append(tail);
    if (!write_at(file.get(), skeleton, 0)) {
      std::string problem = std::string("it can't be written: ") + std::strerror(errno);
      ::unlink(path.c_str());
      return fail(refused(path, std::move(problem), another));
    }
    size = skeleton.size();
  }
  const bool begins = read_at(file.get(), 0, head_before_version.size()) == head_before_version;
  if (!begins || size < tail.size() || read_at(file.get(), size - tail.size(), tail.size()) != tail)
    return fail(refused(path, "there is a file already that is no HAR file of this program's, or was cut off",
                        "Name another file, or move that one away."));
  if (status.st_uid != ::geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(refused(path, "others may read it, or it is theirs: it would hold passwords and cookies",
                        "Name another file; or, if nobody else has it: chmod 600 " + path));
  const std::uint64_t end = size - tail.size();
  const bool is_empty = read_at(file.get(), end - 1, 1) == "[";
  return Begun{std::move(file), end, is_empty};
}

Result<> HarFile::reopen() {
  const std::lock_guard lock(mutex_);
  // The lock on it is the open file's: opened once more it would stand in our own way.
  const bool stays = is_at(begun_.file.get(), path_);
  base::Descriptor file = stays ? base::Descriptor(::fcntl(begun_.file.get(), F_DUPFD_CLOEXEC, 0)) : open_file(path_);
  return begin_anew(std::move(file));
}

Result<> HarFile::begin_anew(base::Descriptor file) {
  Result<Begun> begun = begin(std::move(file), path_, creator_version_);
  if (!begun) return fail(std::move(begun.error()));
  begun_ = *std::move(begun);
  full_for_.reset();
  return {};
}

/// Somebody may have emptied it in its place (copytruncate).
bool HarFile::is_as_left() const noexcept {
  struct stat status{};
  return ::fstat(begun_.file.get(), &status) == 0 &&
         static_cast<std::uint64_t>(status.st_size) == begun_.end + tail.size();
}

std::optional<std::string> HarFile::append(const HarEntry& entry, std::uint64_t bound) {
  {
    // For what is lost anyway no text is made.
    const std::lock_guard lock(mutex_);
    if (full_for_ == bound && is_as_left()) return lose("it is full");
  }
  std::string piece = har_entry_json(entry);
  const std::lock_guard lock(mutex_);
  if (!is_as_left()) {
    Result<> begun = begin_anew(base::Descriptor(::fcntl(begun_.file.get(), F_DUPFD_CLOEXEC, 0)));
    if (!begun) return lose("somebody else has changed it; move it away and send SIGHUP");
  }
  piece.insert(0, begun_.is_empty ? "\n" : ",\n");
  const std::uint64_t end = begun_.end + piece.size();
  piece += tail;
  if (bound != 0 && begun_.end + piece.size() > bound) full_for_ = bound;
  if (full_for_ == bound)
    return lose(fmt::format(
        "it may have {} bytes (har-size), and nothing is added any more; move it away and send SIGHUP", bound));
  if (!write_at(begun_.file.get(), piece, begun_.end)) {
    std::string why = std::strerror(errno);
    // Where the tail was there is room for it.
    if (write_at(begun_.file.get(), tail, begun_.end))
      (void)!::ftruncate(begun_.file.get(), static_cast<off_t>(begun_.end + tail.size()));
    return lose(std::move(why));
  }
  begun_.end = end;
  begun_.is_empty = false;
  failing_ = false;
  return std::nullopt;
}

std::optional<std::string> HarFile::lose(std::string why) {
  ++lost_;
  if (std::exchange(failing_, true)) return std::nullopt;
  return why;
}

std::uint64_t HarFile::lost() const noexcept {
  const std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace handfast::proxy
