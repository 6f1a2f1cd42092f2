#include "doctor/certificate_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/secret.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/files.h"

namespace handfast::doctor {
namespace {

namespace fs = std::filesystem;
namespace der = x509::der;
using der::Tag;

constexpr std::size_t max_file_size = 16 << 20;

Error nothing_in_it(std::string found) {
  return Error(Alert::internal_error, Reason::bad_pem)
      .with("expected", "a certificate, in PEM or DER")
      .with("found", std::move(found));
}

/// May hold a private key: to be wiped.
Result<Buffer> read_all(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return fail(x509::unreadable(path, "it is a directory"));
  return x509::read_file(path == "-" ? "/dev/stdin" : path, max_file_size);
}

Content content_of_label(std::string_view label) noexcept {
  struct Row {
    std::string_view label;
    Content content;
  };
  constexpr Row rows[] = {
      {"CERTIFICATE", Content::certificate},
      {"X509 CERTIFICATE", Content::certificate},
      {"TRUSTED CERTIFICATE", Content::certificate},
      {"PRIVATE KEY", Content::private_key},
      {"RSA PRIVATE KEY", Content::private_key},
      {"EC PRIVATE KEY", Content::private_key},
      {"DSA PRIVATE KEY", Content::private_key},
      {"OPENSSH PRIVATE KEY", Content::private_key},
      {"ENCRYPTED PRIVATE KEY", Content::encrypted_private_key},
      {"PUBLIC KEY", Content::public_key},
      {"RSA PUBLIC KEY", Content::public_key},
      {"CERTIFICATE REQUEST", Content::certificate_request},
      {"NEW CERTIFICATE REQUEST", Content::certificate_request},
      {"X509 CRL", Content::revocation_list},
      {"OCSP RESPONSE", Content::ocsp_response},
      {"PKCS7", Content::pkcs7},
      {"CMS", Content::pkcs7},
      {"PKCS12", Content::pkcs12},
      {"EC PARAMETERS", Content::parameters},
      {"DH PARAMETERS", Content::parameters},
  };
  for (const Row& row : rows)
    if (row.label == label) return row.content;
  return Content::other;
}

/// The tags of the first elements of a content, as far as they are looked at.
struct Shape {
  Tag tags[4]{};
  Bytes contents[4];

  explicit Shape(Bytes content) noexcept {
    der::Reader reader(content);
    for (std::size_t i = 0; i < 4 && !reader.empty(); ++i) {
      const der::Element element = reader.any();
      tags[i] = element.tag;
      contents[i] = element.content;
    }
  }
  bool begins(std::initializer_list<Tag> with) const noexcept { return std::equal(with.begin(), with.end(), tags); }
};

/// What a SEQUENCE is, by how it begins: each of these structures begins in a way of its own.
Content content_of_der(Bytes element) noexcept {
  using enum Tag;
  if (x509::parse_certificate(element)) return Content::certificate;
  der::Reader reader(element);
  const Shape outer(reader.take(sequence));
  if (outer.begins({integer, sequence, octet_string}) || outer.begins({integer, octet_string}) ||
      outer.begins({integer, integer, integer, integer}))
    return Content::private_key;  // PKCS#8, SEC 1, PKCS#1
  if (outer.begins({integer, sequence})) return Content::pkcs12;
  if (outer.begins({object_identifier, der::context_constructed(0)})) return Content::pkcs7;
  if (outer.begins({enumerated})) return Content::ocsp_response;
  if (outer.begins({sequence, bit_string})) return Content::public_key;
  if (outer.begins({sequence, octet_string})) return Content::encrypted_private_key;
  if (!outer.begins({sequence, sequence, bit_string})) return Content::other;
  const Shape inner(outer.contents[0]);
  if (inner.begins({der::context_constructed(0), integer})) return Content::certificate;
  if (inner.begins({integer, sequence, sequence, der::context_constructed(0)})) return Content::certificate_request;
  if (inner.begins({integer, sequence, sequence}) || inner.begins({sequence, sequence, utc_time}))
    return Content::revocation_list;
  return Content::other;
}

FileItem malformed(std::string problem) {
  FileItem item;
  item.content = Content::malformed;
  item.problem = std::move(problem);
  return item;
}

/// One block, its BEGIN line first.
FileItem read_block(std::string_view text) {
  auto blocks = x509::decode_pem(text);
  if (!blocks || blocks->size() != 1) {
    const std::size_t begin = text.find("BEGIN ") + 6;
    const std::string_view label = text.substr(begin, std::min(text.find("-----", begin), text.size()) - begin);
    FileItem item = malformed(blocks ? "not one whole PEM block" : blocks.error().message());
    item.block.label = label.substr(0, 64);
    // The old way of OpenSSL's, with headers inside (RFC 1421).
    if (text.find("Proc-Type: 4,ENCRYPTED") != text.npos) item.content = Content::encrypted_private_key;
    return item;
  }
  FileItem item;
  item.block = std::move(blocks->front());
  item.content = content_of_label(item.block.label);
  if (item.content == Content::certificate) {
    // OpenSSL's TRUSTED CERTIFICATE has its own remarks behind the certificate.
    der::Reader reader(item.block.der);
    const std::size_t size = reader.any().whole.size();
    if (size != 0 && item.block.label == "TRUSTED CERTIFICATE") item.block.der.resize(size);
  }
  return item;
}

constexpr std::string_view begin_mark = "-----BEGIN ";

Result<std::vector<FileItem>> read_pem(std::string_view text) {
  std::vector<FileItem> items;
  for (std::size_t at = text.find(begin_mark); at != text.npos;) {
    if (items.size() == max_file_items) return fail(nothing_in_it(fmt::format("more than {} items", max_file_items)));
    const std::size_t next = text.find(begin_mark, at + 1);
    std::size_t end = text.find("-----END ", at);
    if (end != text.npos) end = text.find('\n', end);
    items.push_back(read_block(text.substr(at, std::min({next, end, text.size()}) - at)));
    at = next;
  }
  return items;
}

Result<std::vector<FileItem>> read_der(Bytes bytes) {
  std::vector<FileItem> items;
  der::Reader reader(bytes);
  while (!reader.empty()) {
    const Bytes before = reader.peek();
    const der::Element element = reader.any();
    if (!reader.ok() || element.tag != Tag::sequence) {
      if (!items.empty()) items.push_back(malformed(fmt::format("{} bytes that are no DER follow", before.size())));
      break;
    }
    if (items.size() == max_file_items) return fail(nothing_in_it(fmt::format("more than {} items", max_file_items)));
    FileItem item;
    item.content = content_of_der(element.whole);
    item.block.der.assign(element.whole.begin(), element.whole.end());
    items.push_back(std::move(item));
  }
  return items;
}

std::string first_bytes(Bytes bytes) {
  if (bytes.empty()) return "nothing: it is empty";
  if (bytes.size() > 1 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff)))
    return "a text in UTF-16, as PowerShell's > writes it; PEM is ASCII";
  const Bytes head = bytes.first(std::min<std::size_t>(bytes.size(), 12));
  const bool text = std::all_of(head.begin(), head.end(),
                                [](std::uint8_t c) { return (c >= 0x20 && c < 0x7f) || (c >= '\t' && c <= '\r'); });
  return fmt::format("{} bytes of {} without a PEM block, which begin with {:02x}", bytes.size(),
                     text ? "text" : "data", fmt::join(head, " "));
}

Result<std::size_t> add_certificates(const std::string& path, std::vector<Buffer>& out) {
  auto items = read_certificate_file(path);
  if (!items) return fail(std::move(items.error()));
  std::size_t count = 0;
  for (FileItem& item : *items) {
    const bool broken = item.content == Content::malformed && item.block.label.ends_with("CERTIFICATE");
    if (broken) return fail(nothing_in_it(item.problem).with("path", path));
    if (item.content != Content::certificate) continue;
    out.push_back(std::move(item.block.der));
    ++count;
  }
  return count;
}

}  // namespace

std::string_view name(Content content) noexcept {
  constexpr std::string_view names[] = {"certificate",
                                        "private_key",
                                        "encrypted_private_key",
                                        "public_key",
                                        "certificate_request",
                                        "revocation_list",
                                        "ocsp_response",
                                        "pkcs7",
                                        "pkcs12",
                                        "parameters",
                                        "other",
                                        "malformed"};
  return names[std::to_underlying(content)];
}

std::string_view describe(Content content) noexcept {
  constexpr std::string_view texts[] = {"a certificate",
                                        "a private key",
                                        "a private key, encrypted",
                                        "a public key",
                                        "a certificate signing request (PKCS#10)",
                                        "a certificate revocation list",
                                        "an OCSP response",
                                        "a PKCS#7 (CMS) bundle",
                                        "a PKCS#12 store",
                                        "parameters of a key",
                                        "something that is not known here",
                                        "something broken"};
  return texts[std::to_underlying(content)];
}

Result<std::vector<FileItem>> read_items(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  auto items = text.find(begin_mark) != text.npos ? read_pem(text) : read_der(bytes);
  if (items && items->empty()) return fail(nothing_in_it(first_bytes(bytes)));
  return items;
}

Result<std::vector<FileItem>> read_certificate_file(const std::string& path) {
  auto bytes = read_all(path);
  if (!bytes) return fail(std::move(bytes.error()));
  auto items = read_items(*bytes);
  base::wipe(bytes->data(), bytes->size());
  if (!items) return fail(std::move(items.error()).with("path", path));
  return items;
}

Result<std::vector<Buffer>> read_certificates(const std::string& path) {
  std::vector<Buffer> out;
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    auto count = add_certificates(path, out);
    if (!count) return fail(std::move(count.error()));
    if (*count == 0) return fail(nothing_in_it(std::string(no_certificate_among_it)).with("path", path));
    return out;
  }
  auto files = x509::files_in(path);
  if (!files) return fail(std::move(files.error()));
  for (const fs::path& file : *files) {
    auto count = add_certificates(file.string(), out);
    // In a directory lies whatever lies there.
    if (!count && count.error().reason() != Reason::bad_pem) return fail(std::move(count.error()));
  }
  if (out.empty()) return fail(nothing_in_it("no certificate in any file of the directory").with("path", path));
  return out;
}

}  // namespace handfast::doctor
