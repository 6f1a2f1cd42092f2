// Profile::strict, rule by rule: what it refuses, why, and what the compatible profile says of the same.
#include <functional>
#include <span>

#include "support/hex.h"
#include "x509/der_writer.h"
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

using der::Tag;
using handfast::test::from_hex;

template <typename Content>
Buffer written(Content&& content) {
  Buffer out;
  der::Writer w(out);
  content(w);
  return out;
}

/// The elements of a TBSCertificate, to be changed where no option of the mint reaches.
struct Tbs {
  enum Place : std::size_t { version, serial_number, signature, issuer, validity, subject, public_key, extensions };
  std::vector<Buffer> elements;

  explicit Tbs(const Certificate& certificate)
      : algorithm(certificate->signature_algorithm.der.begin(), certificate->signature_algorithm.der.end()) {
    der::Reader whole(certificate->tbs);
    for (der::Reader rest = whole.enter(Tag::sequence); !rest.empty();) {
      Bytes element = rest.any().whole;
      elements.emplace_back(element.begin(), element.end());
    }
  }

  /// The certificate again, signed with a P-256 key.
  Certificate signed_with(const crypto::SigningKey& key) const {
    Buffer tbs = written([&](der::Writer& w) {
      w.within(Tag::sequence, [&] {
        for (const Buffer& element : elements) w.raw(element);
      });
    });
    Buffer signature = key.sign({crypto::SignatureKind::ecdsa, crypto::HashAlgorithm::sha256}, tbs).value();
    return Certificate::parse(written([&](der::Writer& w) {
             w.within(Tag::sequence, [&] {
               w.raw(tbs);
               w.raw(algorithm);
               w.bit_string(signature);
             });
           }))
        .value();
  }
  Buffer algorithm;
};

using Edit = std::function<void(Tbs&)>;

/// A root, an intermediate and a leaf, as they are to be.
struct Plan {
  CertificateOptions root = ca("Root");
  CertificateOptions intermediate = ca("Intermediate");
  CertificateOptions end = leaf();
  Edit edit_root;
  Edit edit_end;

  Case make() const {
    Identity top = root_of(root);
    Identity middle = signed_by(top, intermediate);
    Certificate bottom = signed_by(middle, end).certificate;
    Certificate anchor = edit_root ? edited(top.certificate, edit_root, top.key) : top.certificate;
    if (edit_end) bottom = edited(bottom, edit_end, middle.key);
    return {{bottom, middle.certificate}, anchors_of({anchor})};
  }

 private:
  static Certificate edited(const Certificate& certificate, const Edit& edit, const crypto::SigningKey& key) {
    Tbs tbs(certificate);
    edit(tbs);
    return tbs.signed_with(key);
  }
};

enum class Compatible : std::uint8_t { accepts, refuses };
constexpr auto accepts = Compatible::accepts;
constexpr auto refuses = Compatible::refuses;

struct Row {
  const char* what;
  const char* field;  ///< that the strict profile names
  Compatible compatible;
  std::function<void(Plan&)> change;
};

void expect_refused(std::span<const Row> rows) {
  for (const Row& row : rows) {
    Plan plan;
    row.change(plan);
    Case made = plan.make();
    Result<VerifiedChain> verified = made.verify();
    EXPECT_EQ(verified.has_value(), row.compatible == accepts)
        << row.what << ": " << (verified ? "" : verified.error().message());
    made.policy.profile = Profile::strict;
    verified = made.verify();
    EXPECT_TRUE(refused(verified, Reason::profile_violation, Alert::bad_certificate)) << row.what;
    EXPECT_EQ(evidence(verified, "field"), row.field) << row.what;
    EXPECT_NE(evidence(verified, "rule"), "(none)") << row.what;
  }
}

struct GoodRow {
  const char* what;
  std::function<void(Plan&)> change;
};

void expect_accepted(std::span<const GoodRow> rows) {
  for (const GoodRow& row : rows) {
    Plan plan;
    row.change(plan);
    Case made = plan.make();
    made.policy.profile = Profile::strict;
    EXPECT_TRUE(accepted(made.verify())) << row.what;
  }
}

authority::RawExtension extension(const char* oid, bool critical, std::string_view hex) {
  return {oid, critical, from_hex(hex)};
}

constexpr const char* key_usage = "2.5.29.15";
constexpr const char* subject_alt_name = "2.5.29.17";
constexpr const char* basic_constraints = "2.5.29.19";
constexpr const char* name_constraints = "2.5.29.30";
constexpr const char* authority_key_identifier = "2.5.29.35";
constexpr const char* policy_constraints = "2.5.29.36";
constexpr const char* ext_key_usage = "2.5.29.37";
constexpr const char* inhibit_any_policy = "2.5.29.54";

/// Replaces subjectAltName by these dNSNames as they stand.
void set_names(CertificateOptions& options, const std::vector<std::string>& names, bool critical = false) {
  options.names.clear();
  options.extensions.push_back({subject_alt_name, critical, written([&](der::Writer& w) {
                                  w.within(Tag::sequence, [&] {
                                    for (const std::string& name : names) w.text(der::context(2), name);
                                  });
                                })});
}

/// One permitted subtree; `type` is the tag of GeneralName.
authority::RawExtension permits(unsigned type, std::string_view base, bool critical = true) {
  return {name_constraints, critical, written([&](der::Writer& w) {
            w.within(Tag::sequence, [&] {
              w.within(der::context_constructed(0),
                       [&] { w.within(Tag::sequence, [&] { w.text(der::context(type), base); }); });
            });
          })};
}

Edit subject_is(Tag tag, std::string value) {
  return [tag, value = std::move(value)](Tbs& tbs) {
    tbs.elements[Tbs::subject] = written([&](der::Writer& w) {
      w.within(Tag::sequence, [&] {
        w.within(Tag::set, [&] {
          w.within(Tag::sequence, [&] {
            w.raw(from_hex("0603550403"));
            w.text(tag, value);
          });
        });
      });
    });
  };
}

TEST(StrictProfile, Fields) {
  const Row rows[] = {
      {"a root of version 1", "version", accepts,
       [](Plan& plan) {
         plan.edit_root = [](Tbs& tbs) {
           tbs.elements.pop_back();
           tbs.elements.erase(tbs.elements.begin());
         };
       }},
      {"a serial number of zero", "serialNumber", accepts, [](Plan& plan) { plan.end.serial_number = {0}; }},
      {"a negative serial number", "serialNumber", accepts, [](Plan& plan) { plan.end.serial_number = {0x80, 1}; }},
      {"a serial number of 21 octets", "serialNumber", accepts,
       [](Plan& plan) { plan.end.serial_number = Buffer(21, 1); }},
      {"GeneralizedTime before 2050", "validity", accepts,
       [](Plan& plan) {
         plan.edit_end = [](Tbs& tbs) {
           tbs.elements[Tbs::validity] = written([](der::Writer& w) {
             w.within(Tag::sequence, [&] { EXPECT_TRUE(w.generalized_time(before) && w.time(after)); });
           });
         };
       }},
      {"issuerUniqueID", "uniqueIdentifier", accepts,
       [](Plan& plan) {
         plan.edit_end = [](Tbs& tbs) { tbs.elements.insert(tbs.elements.end() - 1, from_hex("810200ff")); };
       }},
      {"subjectUniqueID", "uniqueIdentifier", accepts,
       [](Plan& plan) {
         plan.edit_end = [](Tbs& tbs) { tbs.elements.insert(tbs.elements.end() - 1, from_hex("820200ff")); };
       }},
      {"a PrintableString with an at sign", "subject", accepts,
       [](Plan& plan) { plan.edit_end = subject_is(Tag::printable_string, "me@home"); }},
      {"a UTF8String in Latin-1", "subject", accepts,
       [](Plan& plan) { plan.edit_end = subject_is(Tag::utf8_string, "b\xfc\x63her"); }},
      {"an IA5String beyond ASCII", "subject", accepts,
       [](Plan& plan) { plan.edit_end = subject_is(Tag::ia5_string, "b\xc3\xbc\x63her"); }},
      {"half a character of a BMPString", "subject", accepts,
       [](Plan& plan) { plan.edit_end = subject_is(Tag::bmp_string, "abc"); }},
  };
  expect_refused(rows);
  const GoodRow good[] = {
      {"as it is", [](Plan&) {}},
      {"20 octets", [](Plan& plan) { plan.end.serial_number = Buffer(20, 0x7f); }},
      {"an old root", [](Plan& plan) { plan.root.serial_number = {0}; }},
      {"UTF-8", [](Plan& plan) { plan.edit_end = subject_is(Tag::utf8_string, "b\xc3\xbc\x63her"); }},
  };
  expect_accepted(good);
}

TEST(StrictProfile, KeyIdentifiers) {
  const authority::RawExtension some_authority = extension(authority_key_identifier, false, "3003800101");
  const Row rows[] = {
      {"a CA without subjectKeyIdentifier", "subjectKeyIdentifier", accepts,
       [&](Plan& plan) {
         plan.intermediate.key_identifiers = false;
         plan.intermediate.extensions = plan.end.extensions = {some_authority};
       }},
      {"a root without", "subjectKeyIdentifier", accepts,
       [&](Plan& plan) {
         plan.root.key_identifiers = false;
         plan.intermediate.extensions = {some_authority};
       }},
      {"a leaf without authorityKeyIdentifier", "authorityKeyIdentifier", accepts,
       [&](Plan& plan) { plan.end.key_identifiers = false; }},
      {"one without keyIdentifier", "authorityKeyIdentifier", accepts,
       [&](Plan& plan) {
         plan.end.key_identifiers = false;
         plan.end.extensions = {extension(authority_key_identifier, false, "3000")};
       }},
      {"a root that names another key", "authorityKeyIdentifier", accepts,
       [&](Plan& plan) { plan.root.extensions = {some_authority}; }},
  };
  expect_refused(rows);
}

TEST(StrictProfile, Constraints) {
  const Row rows[] = {
      {"basicConstraints of a CA that are not critical", "basicConstraints", accepts,
       [](Plan& plan) {
         plan.intermediate.is_ca = false;
         plan.intermediate.extensions = {extension(basic_constraints, false, "30030101ff")};
       }},
      {"pathLenConstraint in a leaf", "basicConstraints", accepts,
       [](Plan& plan) { plan.end.extensions = {extension(basic_constraints, true, "3003020100")}; }},
      {"nameConstraints in a leaf", "nameConstraints", accepts,
       [](Plan& plan) { plan.end.extensions = {permits(2, "example.com")}; }},
      {"a host with a period before it", "nameConstraints", accepts,
       [](Plan& plan) { plan.intermediate.extensions = {permits(2, ".com")}; }},
      {"a host with a wildcard", "nameConstraints", refuses,
       [](Plan& plan) { plan.intermediate.extensions = {permits(2, "*.com")}; }},
      {"two at signs", "nameConstraints", accepts,
       [](Plan& plan) { plan.intermediate.extensions = {permits(1, "a@b@example.com")}; }},
      {"a URI where a host should be", "nameConstraints", accepts,
       [](Plan& plan) { plan.intermediate.extensions = {permits(6, "https://example.com/")}; }},
      {"policyConstraints that are not critical", "policyConstraints", accepts,
       [](Plan& plan) { plan.intermediate.extensions = {extension(policy_constraints, false, "3003810100")}; }},
      {"inhibitAnyPolicy that is not critical", "inhibitAnyPolicy", accepts,
       [](Plan& plan) { plan.intermediate.extensions = {extension(inhibit_any_policy, false, "020100")}; }},
  };
  expect_refused(rows);
  const GoodRow good[] = {
      {"nameConstraints that are not critical, as the web PKI allows",
       [](Plan& plan) { plan.intermediate.extensions = {permits(2, "example.com", false)}; }},
      {"everything", [](Plan& plan) { plan.intermediate.extensions = {permits(2, "")}; }},
      {"a mailbox", [](Plan& plan) { plan.intermediate.extensions = {permits(1, "me@example.com")}; }},
      {"a domain of mailboxes", [](Plan& plan) { plan.intermediate.extensions = {permits(1, ".example.com")}; }},
      {"a domain of URIs", [](Plan& plan) { plan.intermediate.extensions = {permits(6, ".example.com")}; }},
  };
  expect_accepted(good);
}

TEST(StrictProfile, Usages) {
  const Row rows[] = {
      {"no bit", "keyUsage", refuses,
       [](Plan& plan) {
         plan.end.key_usage.reset();
         plan.end.extensions = {extension(key_usage, true, "030100")};
       }},
      {"a CA without keyUsage", "keyUsage", accepts, [](Plan& plan) { plan.intermediate.key_usage.reset(); }},
      {"a root without", "keyUsage", accepts, [](Plan& plan) { plan.root.key_usage.reset(); }},
      {"keyCertSign in a leaf", "keyUsage", accepts,
       [](Plan& plan) { plan.end.key_usage = KeyUsage::digitalSignature | KeyUsage::keyCertSign; }},
      {"a root with purposes", "extKeyUsage", accepts,
       [](Plan& plan) { plan.root.extended_key_usage = {authority::server_auth}; }},
      {"critical purposes of a leaf", "extKeyUsage", accepts,
       [](Plan& plan) {
         plan.end.extended_key_usage.clear();
         plan.end.extensions = {extension(ext_key_usage, true, "300a06082b06010505070301")};
       }},
      {"any purpose", "extKeyUsage", accepts, [](Plan& plan) { plan.end.extended_key_usage = {"2.5.29.37.0"}; }},
  };
  expect_refused(rows);
  const GoodRow good[] = {
      {"no purposes", [](Plan& plan) { plan.end.extended_key_usage.clear(); }},
      {"purposes of an intermediate",
       [](Plan& plan) { plan.intermediate.extended_key_usage = {authority::server_auth}; }},
  };
  expect_accepted(good);
}

TEST(StrictProfile, NamesOfALeaf) {
  const Row rows[] = {
      {"critical beside a subject", "subjectAltName", accepts,
       [](Plan& plan) { set_names(plan.end, {"example.com"}, true); }},
      {"not critical without a subject", "subjectAltName", accepts,
       [](Plan& plan) {
         plan.end.common_name.clear();
         set_names(plan.end, {"example.com"});
       }},
      {"an underscore", "subjectAltName", accepts,
       [](Plan& plan) { set_names(plan.end, {"example.com", "a_b.example.com"}); }},
      {"a trailing dot", "subjectAltName", accepts,
       [](Plan& plan) { set_names(plan.end, {"example.com", "example.com."}); }},
      {"a period before", "subjectAltName", accepts,
       [](Plan& plan) { set_names(plan.end, {"example.com", ".example.com"}); }},
      {"every top-level domain", "subjectAltName", accepts,
       [](Plan& plan) { set_names(plan.end, {"example.com", "*"}); }},
      {"a wildcard over a top-level domain", "subjectAltName", accepts,
       [](Plan& plan) { set_names(plan.end, {"example.com", "*.com"}); }},
      {"a wildcard inside", "subjectAltName", accepts,
       [](Plan& plan) { set_names(plan.end, {"example.com", "www.*.example.com"}); }},
      {"a part of a label as wildcard", "subjectAltName", accepts,
       [](Plan& plan) { set_names(plan.end, {"example.com", "w*.example.com"}); }},
      {"an address range", "subjectAltName", accepts,
       [](Plan& plan) { set_names(plan.end, {"example.com", "192.0.2.0/24"}); }},
      {"a URI", "subjectAltName", accepts,
       [](Plan& plan) { set_names(plan.end, {"example.com", "https://example.com"}); }},
      {"nothing", "subjectAltName", accepts, [](Plan& plan) { set_names(plan.end, {"example.com", ""}); }},
  };
  expect_refused(rows);
  const GoodRow good[] = {
      {"an empty subject", [](Plan& plan) { plan.end.common_name.clear(); }},
      {"a wildcard", [](Plan& plan) { set_names(plan.end, {"example.com", "*.example.com"}); }},
      {"an A-label", [](Plan& plan) { set_names(plan.end, {"example.com", "xn--bcher-kva.example"}); }},
  };
  expect_accepted(good);
}

TEST(StrictProfile, ACommonNameThatIsOneOfTheNamesIsItsCopy) {
  const std::vector<std::string> names = {"example.com", "xn--bcher-kva.example.com", "192.0.2.1", "2001:db8::1"};
  auto with_common_name = [&](const char* common_name) {
    return [&names, common_name](Plan& plan) {
      plan.end = leaf(names);
      plan.end.common_name = common_name;
    };
  };
  for (const char* bad : {"Example.COM", "b\xc3\xbc\x63her.example.com", "192.000.002.001", "0xC0.0x00.0x02.0x01",
                          "0xC0000201", "2001:DB8::1", "2001:db8:0:0:0:0:0:1", "2001:0db8::1", "[2001:db8::1]"}) {
    const Row row{bad, "commonName", accepts, with_common_name(bad)};
    expect_refused({&row, 1});
  }
  for (const char* good : {"example.com", "xn--bcher-kva.example.com", "192.0.2.1", "2001:db8::1", "Ms Example",
                           "other.example", "J\xc3\xbcrgen M\xc3\xbcller", "4711", "1.2.3.4"}) {
    const GoodRow row{good, with_common_name(good)};
    expect_accepted({&row, 1});
  }
}

}  // namespace
}  // namespace handfast::x509::test
