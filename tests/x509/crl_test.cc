// CRLs: what is read, what is refused, and how an entry is found.
#include "x509/crl.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/hash.h"
#include "x509/crls.h"
#include "x509/name.h"
#include "x509/oid.h"

namespace handfast::x509::test {
namespace {

using der::Tag;

const Identity& issuer() {
  static const Identity one = root_of(ca("CRL Issuer"), KeyType::ed25519);
  return one;
}
Bytes issuer_name() { return issuer().certificate->subject; }

Buffer serial(std::uint32_t number) {
  Buffer element = der_of([&](der::Writer& w) { w.integer(number); });
  return {element.begin() + 2, element.end()};
}
RevokedCertificate revoked(Buffer serial_number, std::optional<CRLReason> reason = {},
                           std::vector<RawExtension> extensions = {}) {
  return {std::move(serial_number), now - 2 * day, reason, std::move(extensions)};
}

Result<Crl> parsed(const CrlOptions& options) { return Crl::parse(signed_crl(options, issuer())); }

testing::AssertionResult refused(const Result<Crl>& result, std::string_view field) {
  if (result) return testing::AssertionFailure() << "parsed";
  const Fact::Value* found = result.error().find("field");
  const std::string text = found == nullptr ? "(none)" : to_text(*found);
  if (result.error().reason() == Reason::bad_crl && text == field) return testing::AssertionSuccess();
  return testing::AssertionFailure() << name(result.error().reason()) << ", field " << text;
}

/// A list whose TBSCertList is what `write` writes, with a signature that is none.
template <typename Write>
Result<Crl> with_tbs(Write&& write) {
  return Crl::parse(der_of([&](der::Writer& w) {
    w.within(Tag::sequence, [&] {
      w.within(Tag::sequence, [&] { write(w); });
      w.within(Tag::sequence, [&] { w.object_identifier(Bytes(oid::id_Ed25519)); });
      w.bit_string(Buffer(64));
    });
  }));
}
void write_algorithm(der::Writer& w) {
  w.within(Tag::sequence, [&] { w.object_identifier(Bytes(oid::id_Ed25519)); });
}
void write_time(der::Writer& w, std::int64_t seconds) { ASSERT_TRUE(w.time(seconds)); }

TEST(Crl, EveryFieldIsRead) {
  CrlOptions options = crl({revoked(serial(1)), revoked(serial(2), CRLReason::superseded)});
  options.extensions = {
      issuing_distribution_point({.full_name = uri("http://crl.example/1"), .reasons = 0x06, .set = {1}}),
      {"2.5.29.46", false, {0x30, 0x00}}};
  options.revoked.push_back(
      revoked(serial(3), CRLReason::keyCompromise,
              {{"2.5.29.24", false, der_of([](der::Writer& w) { ASSERT_TRUE(w.generalized_time(now - 3 * day)); })}}));
  const Buffer der = signed_crl(options, issuer());
  const Crl list = Crl::parse(der).value();
  EXPECT_EQ(list->version, 2u);
  EXPECT_TRUE(std::ranges::equal(list->der, der));
  EXPECT_TRUE(std::ranges::equal(list->issuer, issuer_name()));
  EXPECT_EQ(list->this_update, now - day);
  EXPECT_EQ(list->next_update, now + day);
  EXPECT_EQ(signature_algorithm(list->signature_algorithm)->kind, crypto::SignatureKind::ed25519);
  EXPECT_EQ(list->signature.size(), 64u);
  EXPECT_TRUE(std::ranges::equal(list->crl_number, Buffer{7}));
  EXPECT_TRUE(list->authority_key_identifier);
  EXPECT_FALSE(list->delta_crl_indicator);
  EXPECT_TRUE(list->unknown_critical.empty());
  ASSERT_TRUE(list->issuing_distribution_point);
  const IssuingDistributionPoint& point = *list->issuing_distribution_point;
  EXPECT_TRUE(std::ranges::equal(point.name.full_name, uri("http://crl.example/1")));
  EXPECT_EQ(point.only_some_reasons, 0x06);
  EXPECT_TRUE(point.only_contains_user_certs);
  EXPECT_FALSE(point.only_contains_ca_certs || point.only_contains_attribute_certs || point.indirect_crl);

  EXPECT_EQ(list.size(), 3u);
  const std::optional<CrlEntry> first = list.find(issuer_name(), serial(1));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->revocation_date, now - 2 * day);
  EXPECT_EQ(first->reason, CRLReason::unspecified);
  EXPECT_FALSE(first->invalidity_date);
  EXPECT_EQ(list.find(issuer_name(), serial(2))->reason, CRLReason::superseded);
  EXPECT_EQ(list.find(issuer_name(), serial(3))->invalidity_date, now - 3 * day);
  EXPECT_FALSE(list.find(issuer_name(), serial(4)));
  const Identity other = root_of(ca("Another"), KeyType::ed25519);
  EXPECT_FALSE(list.find(other.certificate->subject, serial(1)));
}

TEST(Crl, WithoutEntriesExtensionsAndNextUpdate) {
  CrlOptions bare;
  bare.this_update = now;
  bare.authority_key_identifier = false;
  const Crl list = parsed(bare).value();
  EXPECT_EQ(list.size(), 0u);
  EXPECT_FALSE(list->next_update);
  EXPECT_TRUE(list->crl_number.empty());
  EXPECT_FALSE(list.find(issuer_name(), serial(1)));
}

TEST(Crl, VersionOneHasNoExtensions) {
  const auto v1 = [](bool with_extension) {
    return with_tbs([&](der::Writer& w) {
      write_algorithm(w);
      w.raw(issuer_name());
      write_time(w, now);
      w.within(Tag::sequence, [&] {
        w.within(Tag::sequence, [&] {
          w.element(Tag::integer, serial(5));
          write_time(w, now);
          if (with_extension)
            w.raw(der_of([](der::Writer& e) {
              e.within(Tag::sequence, [&] {
                e.within(Tag::sequence, [&] {
                  e.object_identifier(Bytes(oid::reasonCode));
                  e.element(Tag::octet_string, Buffer{0x0a, 0x01, 0x01});
                });
              });
            }));
        });
      });
    });
  };
  const Crl list = v1(false).value();
  EXPECT_EQ(list->version, 1u);
  EXPECT_TRUE(list.find(issuer_name(), serial(5)));
  EXPECT_TRUE(refused(v1(true), "crlEntryExtensions"));
}

TEST(Crl, WhatIsNotOne) {
  EXPECT_TRUE(refused(Crl::parse({}), "certificateList"));
  EXPECT_TRUE(refused(Crl::parse(Buffer{0x30, 0x00, 0x00}), "certificateList"));
  EXPECT_TRUE(refused(Crl::parse(Buffer{0x30, 0x00}), "tbsCertList"));
  const Bytes certificate = issuer().certificate.der();
  EXPECT_FALSE(Crl::parse(Buffer(certificate.begin(), certificate.end())));

  const auto head = [](der::Writer& w, std::uint32_t version) { w.integer(version), write_algorithm(w); };
  for (std::uint32_t version : {0u, 2u})
    EXPECT_TRUE(refused(with_tbs([&](der::Writer& w) { head(w, version); }), "version"));
  EXPECT_TRUE(refused(with_tbs([&](der::Writer& w) {
                        w.integer(1);
                        w.within(Tag::sequence, [&] { w.object_identifier(Bytes(oid::ecdsa_with_SHA256)); });
                      }),
                      "signature"));
  EXPECT_TRUE(refused(with_tbs([&](der::Writer& w) { head(w, 1), w.element(Tag::sequence, {}); }), "issuer"));
  EXPECT_TRUE(refused(with_tbs([&](der::Writer& w) { head(w, 1), w.raw(issuer_name()), w.null(); }), "thisUpdate"));
  const auto dated = [&](der::Writer& w, std::int64_t next) {
    head(w, 1), w.raw(issuer_name()), write_time(w, now), write_time(w, next);
  };
  EXPECT_TRUE(refused(with_tbs([&](der::Writer& w) { dated(w, now - 1); }), "nextUpdate"));
  EXPECT_TRUE(refused(with_tbs([&](der::Writer& w) { dated(w, now), w.null(); }), "tbsCertList"));
  EXPECT_TRUE(with_tbs([&](der::Writer& w) { dated(w, now), w.element(Tag::sequence, {}); }));
}

TEST(Crl, ExtensionsThatAreMalformed) {
  const auto with = [](RawExtension extension) {
    CrlOptions options = crl();
    options.extensions = {std::move(extension)};
    return parsed(options);
  };
  EXPECT_TRUE(refused(with({"2.5.29.20", false, {0x02, 0x01, 0x08}}), "cRLNumber, twice"));
  EXPECT_TRUE(refused(with({"2.5.29.27", true, {0x02, 0x01, 0x80}}), "deltaCRLIndicator"));  // negative
  EXPECT_TRUE(refused(with({"2.5.29.27", true, {0x02, 0x02, 0x00, 0x01}}), "deltaCRLIndicator"));
  EXPECT_TRUE(refused(with({"2.5.29.28", true, {0x30, 0x01, 0x00}}), "issuingDistributionPoint"));
  EXPECT_TRUE(refused(with(issuing_distribution_point({.set = {1, 2}})), "issuingDistributionPoint"));
  EXPECT_TRUE(refused(with(issuing_distribution_point({.full_name = {0x00}})), "issuingDistributionPoint"));
  EXPECT_TRUE(refused(with(issuing_distribution_point({.relative_name = {0x30, 0x00}})), "issuingDistributionPoint"));
  EXPECT_TRUE(with({"2.5.29.28", true, {0x30, 0x00}}));
  EXPECT_TRUE(with({"2.5.29.28", true, {0x30, 0x03, 0x81, 0x01, 0x00}}));  // an encoded FALSE
}

TEST(Crl, EntriesThatAreMalformed) {
  const auto with = [](RevokedCertificate entry) { return parsed(crl({revoked(serial(1)), std::move(entry)})); };
  EXPECT_TRUE(refused(with(revoked({})), "revokedCertificates"));
  EXPECT_TRUE(refused(with(revoked({0x00, 0x01})), "revokedCertificates"));  // not in the fewest octets
  for (int reason : {7, 11, 255})
    EXPECT_TRUE(refused(with(revoked(serial(2), static_cast<CRLReason>(reason))), "revokedCertificates"));
  EXPECT_TRUE(refused(with(revoked(serial(2), {}, {{"2.5.29.21", false, {0x02, 0x01, 0x01}}})), "revokedCertificates"));
  EXPECT_TRUE(refused(with(revoked(serial(2), {}, {{"2.5.29.24", false, {0x17, 0x00}}})), "revokedCertificates"));
  EXPECT_TRUE(refused(with(revoked(serial(2), CRLReason::superseded, {{"2.5.29.21", false, {0x0a, 0x01, 0x01}}})),
                      "revokedCertificates"));
  // Whose certificate it is may be said by an indirect CRL alone.
  EXPECT_TRUE(refused(with(revoked(serial(2), {}, {certificate_issuer(issuer_name())})), "certificateIssuer"));
}

TEST(Crl, UnknownCriticalExtensionsAreNoted) {
  CrlOptions options = crl({revoked(serial(1), {}, {{"1.2.3.4", false, {}}})});
  options.extensions = {{"1.2.3.5", false, {}}};
  EXPECT_TRUE(parsed(options).value()->unknown_critical.empty());
  options.extensions.front().critical = true;
  EXPECT_EQ(oid_text(parsed(options).value()->unknown_critical), "1.2.3.5");
  options.extensions.clear();
  options.revoked.front().extensions.front().critical = true;
  EXPECT_EQ(oid_text(parsed(options).value()->unknown_critical), "1.2.3.4");
}

TEST(Crl, SerialNumbersOfEveryKind) {
  const std::vector<Buffer> serials = {{0x00}, {0x80}, {0xff}, {0x00, 0x80}, Buffer(40, 0x55), Buffer(41, 0x55)};
  CrlOptions options = crl();
  for (const Buffer& one : serials) options.revoked.push_back(revoked(one));
  const Crl list = parsed(options).value();
  for (const Buffer& one : serials) EXPECT_TRUE(list.find(issuer_name(), one)) << to_text(one);
  for (const Buffer& other : {Buffer{0x01}, Buffer{0x7f}, Buffer{0x00, 0x80, 0x00}, Buffer(39, 0x55), Buffer{}})
    EXPECT_FALSE(list.find(issuer_name(), other)) << to_text(other);
}

TEST(Crl, OfDoublesOneRevokes) {
  CrlOptions options = crl({revoked(serial(1), CRLReason::removeFromCRL), revoked(serial(1), CRLReason::superseded),
                            revoked(serial(1), CRLReason::removeFromCRL)});
  EXPECT_EQ(parsed(options).value().find(issuer_name(), serial(1))->reason, CRLReason::superseded);
  options.revoked.assign(max_equal_entries, revoked(serial(1)));
  EXPECT_TRUE(parsed(options));
  options.revoked.push_back(revoked(serial(1)));
  EXPECT_TRUE(refused(parsed(options), "revokedCertificates, too many equal"));
}

TEST(Crl, AnIndirectOneSaysWhoseCertificateItIs) {
  const Identity a = root_of(ca("A"), KeyType::ed25519);
  const Identity b = root_of(ca("B"), KeyType::ed25519);
  const Bytes a_name = a.certificate->subject;
  const Bytes b_name = b.certificate->subject;
  CrlOptions options = crl({revoked(serial(1)), revoked(serial(2), {}, {certificate_issuer(a_name)}),
                            revoked(serial(3)), revoked(serial(1), {}, {certificate_issuer(b_name)})});
  options.extensions = {issuing_distribution_point({.set = {4}})};
  const Crl list = parsed(options).value();
  for (const auto& [name, number, named] : {std::tuple{issuer_name(), 1u, true},
                                            {issuer_name(), 2u, false},
                                            {issuer_name(), 3u, false},
                                            {a_name, 1u, false},
                                            {a_name, 2u, true},
                                            {a_name, 3u, true},  // as the one before
                                            {b_name, 1u, true},
                                            {b_name, 3u, false}})
    EXPECT_EQ(list.find(name, serial(number)).has_value(), named) << name_text(name) << " " << number;
}

TEST(Crl, NumbersAreComparedAsNumbers) {
  EXPECT_TRUE(is_lower_number(Buffer{2}, Buffer{1, 0}));
  EXPECT_FALSE(is_lower_number(Buffer{1, 0}, Buffer{2}));
  EXPECT_TRUE(is_lower_number(Buffer{1, 0}, Buffer{1, 1}));
  EXPECT_FALSE(is_lower_number(Buffer{3}, Buffer{3}));
  EXPECT_TRUE(is_lower_number({}, Buffer{0}));
}

/// No octet can be left out or changed without notice: what still parses is another list, which the signature tells.
TEST(Crl, TruncatedAndChanged) {
  const Buffer good = signed_crl(crl({revoked(serial(1)), revoked(serial(2), CRLReason::superseded)}), issuer());
  const Certificate revoked_certificate = [] {
    CertificateOptions options = leaf();
    options.serial_number = serial(2);
    return signed_by(issuer(), options).certificate;
  }();
  const Asked asked{revoked_certificate, issuer().certificate};
  ASSERT_TRUE(says(asked.of({good}), RevocationStatus::revoked, "superseded"));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(Crl::parse(Buffer(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)))) << length;
  std::size_t parsed_ones = 0;
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int flip : {0x01, 0x80, 0xff}) {
      Buffer changed = good;
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ flip);
      if (!Crl::parse(changed)) continue;
      ++parsed_ones;
      EXPECT_TRUE(says(asked.of({changed}), RevocationStatus::not_said)) << at;
    }
  EXPECT_GT(parsed_ones, 64u);
}

/// One look-up reads the entries with its hash, and no others: of a million these are one or two.
TEST(Crl, AMillionEntries) {
  constexpr std::uint32_t million = 1'000'000;
  const auto serial_of = [](std::uint32_t number) {  // sixteen octets, as CAs draw them
    const crypto::Digest digest = crypto::Hash::of(crypto::HashAlgorithm::sha256, serial(number));
    Buffer drawn(digest.view().begin(), digest.view().begin() + 16);
    drawn[0] = static_cast<std::uint8_t>((drawn[0] & 0x3f) | 0x40);
    return drawn;
  };
  Buffer entries;
  der::Writer w(entries);
  for (std::uint32_t number = 0; number < million; ++number)
    w.within(Tag::sequence, [&] {
      w.element(Tag::integer, serial_of(number));
      write_time(w, now - number);
    });
  const Result<Crl> list = with_tbs([&](der::Writer& tbs) {
    tbs.integer(1);
    write_algorithm(tbs);
    tbs.raw(issuer_name());
    write_time(tbs, now);
    tbs.element(Tag::sequence, entries);
  });
  ASSERT_TRUE(list);
  EXPECT_EQ(list->size(), million);
  std::size_t most = 0;
  for (std::uint32_t number = 0; number < million; number += 97) {
    const Buffer present = serial_of(number);
    const std::optional<CrlEntry> entry = list->find(issuer_name(), present);
    ASSERT_TRUE(entry) << number;
    EXPECT_EQ(entry->revocation_date, now - number);
    most = std::max(most, list->places(issuer_name(), present).size());
    const Buffer absent = serial_of(million + number);
    EXPECT_FALSE(list->find(issuer_name(), absent));
    most = std::max(most, list->places(issuer_name(), absent).size());
  }
  EXPECT_LE(most, 4u);
}

}  // namespace
}  // namespace handfast::x509::test
