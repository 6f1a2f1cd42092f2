#include "doctor/inspect.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include <handfast/trust.h>

#include "base/contains.h"
#include "crypto/signature.h"
#include "doctor/message.h"
#include "x509/der.h"
#include "x509/name.h"
#include "x509/public_key.h"

namespace handfast::doctor {
namespace {

namespace der = x509::der;
using der::Tag;

std::string name_of(Bytes name) {
  return x509::is_empty_name(name) ? "(no subject)" : printable_utf8(x509::name_text(name));
}

/// (g++ 12 takes a Fact made in place for uninitialized.)
void add(std::vector<Fact>& facts, std::string_view name, Fact::Value value) {
  facts.push_back({name, std::move(value)});
}

/// CertificationRequestInfo (RFC 2986, section 4.1).
std::vector<Fact> request_facts(Bytes request) {
  der::Reader reader(request);
  der::Reader outer = reader.enter(Tag::sequence);
  der::Reader info = outer.enter(Tag::sequence);
  info.integer();
  const Bytes subject = info.element(Tag::sequence).whole;
  const Bytes key = info.element(Tag::sequence).whole;
  if (!info.ok() || !x509::is_name(subject)) return {};
  std::vector<Fact> out;
  add(out, "subject", name_of(subject));
  if (x509::SubjectPublicKeyInfo parsed; x509::parse_public_key(key, parsed)) {
    add(out, "key", key_text(parsed));
    add(out, "pin", SpkiPin::of(key).text());
  }
  return out;
}

/// TBSCertList (RFC 5280, section 5.1.2).
std::vector<Fact> revocation_list_facts(Bytes list) {
  der::Reader reader(list);
  der::Reader outer = reader.enter(Tag::sequence);
  der::Reader fields = outer.enter(Tag::sequence);
  if (fields.next_is(Tag::integer)) fields.integer();
  fields.take(Tag::sequence);
  const Bytes issuer = fields.element(Tag::sequence).whole;
  const std::int64_t this_update = fields.time();
  if (!fields.ok() || !x509::is_name(issuer)) return {};
  std::vector<Fact> out;
  add(out, "issuer", name_of(issuer));
  add(out, "this_update", x509::time_text(this_update));
  if (fields.next_is(Tag::utc_time) || fields.next_is(Tag::generalized_time))
    add(out, "next_update", x509::time_text(fields.time()));
  std::int64_t revoked = 0;
  if (fields.next_is(Tag::sequence))
    for (der::Reader entries = fields.enter(Tag::sequence); !entries.empty(); ++revoked) entries.any();
  add(out, "revoked", revoked);
  return out;
}

/// Only what is public of it.
void read_private_key(Bytes bytes, InspectedItem& out, std::span<const std::optional<x509::CertificateView>> views) {
  const auto key = crypto::SigningKey::from_der(bytes);
  if (!key) {
    const std::string_view needed = x509::needed_for_private_key(bytes);
    out.problem = needed.empty() ? "a key of a kind that can't be used here, or a damaged one" : needed;
    return;
  }
  for (std::size_t i = 0; i < views.size(); ++i)
    if (views[i] && x509::matches(*views[i], *key)) out.belongs_to.push_back(i);
  x509::SubjectPublicKeyInfo info;
  info.type = key->type();
  info.bits = 8 * key->public_key().size();
  // An RSAPublicKey holds the exponent and its framing as well: its size says nothing exact, a certificate's does.
  const bool rsa = info.type == crypto::KeyType::rsa || info.type == crypto::KeyType::rsa_pss;
  if (rsa && !out.belongs_to.empty()) info.bits = views[out.belongs_to.front()]->public_key.bits;
  add(out.facts, "key", rsa && out.belongs_to.empty() ? std::string("RSA") : key_text(info));
}

InspectedItem read_item(const FileItem& item, std::int64_t now,
                        std::span<const std::optional<x509::CertificateView>> views) {
  InspectedItem out;
  out.content = item.content;
  out.label = printable(item.block.label);
  out.problem = printable(item.problem);
  const Bytes bytes = item.block.der;
  switch (item.content) {
    case Content::certificate:
      out.certificate = inspect_certificate(bytes, now);
      out.problem = out.certificate->summary.problem;
      break;
    case Content::private_key: read_private_key(bytes, out, views); break;
    case Content::certificate_request: out.facts = request_facts(bytes); break;
    case Content::revocation_list: out.facts = revocation_list_facts(bytes); break;
    default: break;
  }
  return out;
}

using Views = std::vector<std::optional<x509::CertificateView>>;

/// Signatures that are looked at to see how certificates hang together.
constexpr std::size_t max_signatures = 2000;

void link(const Views& views, Inspection& out) {
  std::size_t signatures = 0;
  for (std::size_t i = 0; i < views.size(); ++i)
    for (std::size_t k = 0; views[i] && k < views.size(); ++k) {
      if (!views[k] || !x509::equal_names(views[i]->issuer, views[k]->subject)) continue;
      if (++signatures > max_signatures) return;
      if (x509::is_issued_by(*views[i], *views[k])) out.items[i].issuers.push_back(k);
    }
}

/// Goes up from `leaf`; the first issuer that is not on the way yet.
std::vector<std::size_t> climb(const Inspection& inspection, std::size_t leaf) {
  std::vector<std::size_t> path = {leaf};
  while (true) {
    const std::vector<std::size_t>& issuers = inspection.items[path.back()].issuers;
    const auto next = std::ranges::find_if(issuers, [&](std::size_t i) { return !base::contains(path, i); });
    if (next == issuers.end()) return path;
    path.push_back(*next);
  }
}

void order(const Views& views, Inspection& out) {
  std::vector<std::size_t> certificates;
  for (std::size_t i = 0; i < views.size(); ++i)
    if (views[i]) certificates.push_back(i);
  out.chain = certificates;
  if (certificates.size() < 2) return;
  bool in_order = true;
  for (std::size_t i = 0; i + 1 < certificates.size(); ++i)
    in_order = in_order && base::contains(out.items[certificates[i]].issuers, certificates[i + 1]);
  if (in_order) {
    out.order = ChainOrder::in_order;
    return;
  }
  out.chain.clear();
  for (const std::size_t leaf : certificates)
    if (std::vector<std::size_t> path = climb(out, leaf); path.size() > out.chain.size()) out.chain = std::move(path);
  out.order = out.chain.size() == certificates.size() ? ChainOrder::out_of_order : ChainOrder::broken;
}

class Text {
 public:
  Text(const Inspection& inspection, const InspectionSource& source, const Style& style)
      : inspection_(inspection), source_(source), style_(style) {}

  std::string write() {
    for (std::size_t i = 0; i < inspection_.items.size(); ++i) {
      if (i != 0) out_ += '\n';
      item(i);
    }
    if (inspection_.chain.size() > 1 || inspection_.order == ChainOrder::broken) out_ += '\n' + chain();
    if (source_.verdict) out_ += (inspection_.items.empty() ? "" : "\n") + server(*source_.verdict);
    return std::move(out_);
  }

 private:
  static constexpr std::size_t indent = 15;

  void line(std::string_view label, const std::string& text) {
    if (!text.empty()) out_ += paragraph(style_, "  " + std::string(label), text, indent);
  }
  void list(std::string_view label, const std::vector<std::string>& items) {
    bool first = true;
    for (const std::string& text : wrap_items(items, ", ", style_.width - indent)) {
      line(first ? label : "", text);
      first = false;
    }
  }
  /// The number of an item, for people: from 1.
  static std::string number(std::size_t item) { return fmt::format("#{}", item + 1); }

  void head(Paint paint, const std::string& text, std::size_t i) {
    const std::string mark = number(i) + ' ';
    bool first = true;
    for (const std::string& part : wrap(text, style_.width - mark.size())) {
      out_ += (first ? mark : std::string(mark.size(), ' ')) + style_.paint(paint, part) + '\n';
      first = false;
    }
  }

  void item(std::size_t i) {
    const InspectedItem& item = inspection_.items[i];
    if (item.certificate && item.problem.empty()) return certificate(i, *item.certificate);
    std::string what(describe(item.content));
    if (item.content == Content::other || item.content == Content::malformed)
      if (!item.label.empty()) what += fmt::format(" ({})", item.label);
    head(Paint::bold, what, i);
    for (const Fact& fact : item.facts) line(spaced(fact.name), to_text(fact.value));
    if (item.content == Content::private_key && item.problem.empty())
      line("belongs to", item.belongs_to.empty() ? "none of the certificates here" : numbers(item.belongs_to));
    if (item.content == Content::private_key || item.content == Content::encrypted_private_key)
      line("", "It is not shown. Keep this file to yourself.");
    if (!item.problem.empty()) line("problem", item.problem);
    if (item.certificate) line("SHA-256", item.certificate->summary.sha256);
    if (item.content == Content::pkcs7) line("to do", "openssl pkcs7 -print_certs -in FILE (-inform DER) shows it");
    if (item.content == Content::pkcs12) line("to do", "openssl pkcs12 -nokeys -in FILE shows its certificates");
  }

  static std::string numbers(const std::vector<std::size_t>& items) {
    std::vector<std::string> out;
    out.reserve(items.size());
    for (const std::size_t i : items) out.push_back(number(i));
    return fmt::format("{}", fmt::join(out, ", "));
  }

  void certificate(std::size_t i, const CertificateDetails& details) {
    const CertificateSummary& summary = details.summary;
    head(Paint::bold, summary.subject.empty() ? "(no subject)" : summary.subject, i);
    line("is", role(details));
    line("issued by", issuer(i, details));
    line("valid", validity(details));
    list("names", details.alternative_names);
    line("key", summary.key);
    line("signature", details.signature_algorithm);
    if (details.key_usage) list("key usage", *details.key_usage);
    list("purposes", details.extended_key_usage);
    if (details.name_constraints) {
      list("only for", details.name_constraints->permitted);
      list("never for", details.name_constraints->excluded);
    }
    list("policies", details.policies);
    if (details.must_staple) line("must staple", "it is to come with an OCSP response (RFC 7633)");
    if (details.timestamps != 0) line("logged", fmt::format("{} timestamps (SCTs), not checked", details.timestamps));
    list("OCSP", details.locations.ocsp);
    list("issuer at", details.locations.ca_issuers);
    list("CRL", details.locations.crl);
    list("critical", details.critical);
    list("also has", details.other_extensions);
    line("serial", summary.serial_number);
    line("key id", details.subject_key_id);
    line("issuer key", details.authority_key_id);
    line("SHA-256", summary.sha256);
    line("pin", details.pin);
    for (const Remark& remark : details.remarks) warn(remark.text);
  }

  static std::string role(const CertificateDetails& details) {
    std::string out = details.summary.is_ca ? "a CA" : "no CA";
    if (details.path_length)
      out += *details.path_length == 0
                 ? ", of leaves only (path length 0)"
                 : fmt::format(", with at most {} more CAs under it (path length)", *details.path_length);
    if (details.is_self_signed)
      out += ", signed with its own key";
    else if (details.summary.self_issued)
      out += ", with its own name as issuer, but signed with another key";
    return out;
  }

  std::string issuer(std::size_t i, const CertificateDetails& details) const {
    if (details.is_self_signed) return "itself";
    std::string out = details.summary.issuer.empty() ? "(no name)" : details.summary.issuer;
    const std::vector<std::size_t>& issuers = inspection_.items[i].issuers;
    if (!issuers.empty()) out += fmt::format(", that is {} (the signature fits)", numbers(issuers));
    return out;
  }

  std::string validity(const CertificateDetails& details) const {
    const CertificateSummary& summary = details.summary;
    return fmt::format("{} to {}{}", x509::time_text(summary.not_before), x509::time_text(summary.not_after),
                       source_.now > summary.not_after ? std::string(", expired")
                       : source_.now < summary.not_before
                           ? ", not yet"
                           : fmt::format(", {} left", days_text(summary.not_after - source_.now)));
  }

  void warn(const std::string& text) {
    bool first = true;
    for (const std::string& part : wrap(text, style_.width - 4)) {
      out_ += "  " + style_.paint(Paint::yellow, fmt::format("{}{}", first ? "! " : "  ", part)) + '\n';
      first = false;
    }
  }

  std::string chain() const {
    const auto say = [this](Paint paint, const std::string& text) {
      std::string out;
      for (const std::string& part : wrap(text, style_.width)) out += style_.paint(paint, part) + '\n';
      return out;
    };
    const CertificateDetails& last = *inspection_.items[inspection_.chain.back()].certificate;
    const std::string end =
        last.is_self_signed ? "The last of them is signed with its own key: a server need not send it."
                            : fmt::format("The last of them was issued by {}, which is not here.", last.summary.issuer);
    switch (inspection_.order) {
      case ChainOrder::single: return {};
      case ChainOrder::in_order: return say(Paint::plain, "The certificates make a chain in this order. " + end);
      case ChainOrder::out_of_order:
        return say(Paint::yellow, fmt::format("The certificates make a chain, but not in this order. It would be {}. ",
                                              numbers(inspection_.chain)) +
                                      advice());
      case ChainOrder::broken:
        return say(Paint::yellow, inspection_.chain.size() > 1
                                      ? fmt::format("They are not one chain: {} hang together, the others are not "
                                                    "part of it. ",
                                                    numbers(inspection_.chain)) +
                                            advice()
                                      : "They are not a chain: none of them was issued by another.");
    }
    return {};
  }
  /// What the handshake came to: a chain that was shown is not yet one that is good.
  std::string server(const Verdict& verdict) const {
    if (verdict.exit_code == ExitCode::ok || inspection_.items.empty()) return verdict_text(verdict, style_);
    return style_.paint(Paint::red, "Not verified:") + '\n' + verdict_text(verdict, style_);
  }
  std::string advice() const {
    return source_.file.empty() ? "A server should send them leaf first, each issued by the next."
                                : "In order: handfast cert chain-fix " + source_.file;
  }

  const Inspection& inspection_;
  const InspectionSource& source_;
  const Style& style_;
  std::string out_;
};

}  // namespace

std::string_view name(ChainOrder order) noexcept {
  constexpr std::string_view names[] = {"single", "in_order", "out_of_order", "broken"};
  return names[std::to_underlying(order)];
}

Inspection inspect(std::span<const FileItem> items, std::int64_t now) {
  Views views(items.size());
  for (std::size_t i = 0; i < items.size(); ++i)
    if (items[i].content == Content::certificate)
      if (auto view = x509::parse_certificate(items[i].block.der)) views[i] = *view;
  Inspection out;
  for (const FileItem& item : items) out.items.push_back(read_item(item, now, views));
  link(views, out);
  order(views, out);
  return out;
}

std::vector<FileItem> server_items(const Recording& recording) {
  std::vector<FileItem> items;
  for (Buffer& der : certificates_received(recording)) {
    items.emplace_back().content = Content::certificate;
    items.back().block.der = std::move(der);
  }
  return items;
}

std::string inspection_text(const Inspection& inspection, const InspectionSource& source, const Style& style) {
  return Text(inspection, source, style).write();
}

}  // namespace handfast::doctor
