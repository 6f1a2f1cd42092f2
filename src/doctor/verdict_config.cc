// The verdict on a configuration that was refused, before any connection.
#include <fmt/format.h>

#include <utility>

#include "doctor/certificate_file.h"
#include "doctor/verdict.h"

namespace handfast::doctor {
namespace {

/// The flag that sets an option of the library, where people have named it so.
std::string flag_of(const std::string& option) {
  struct Row {
    std::string_view option, flag;
  };
  constexpr Row rows[] = {
      {"min_version", "--tls"},
      {"max_version", "--tls"},
      {"cipher_suites", "--suites"},
      {"groups", "--groups"},
      {"application_protocols", "--alpn"},
      {"credentials", "--cert"},
      {"credential", "--cert"},
      {"client_trust", "--client-ca"},
      {"post_handshake_auth", "--client-auth-for"},
      {"trust_anchors", "--ca-for"},
      {"pin", "--pin"},
      {"server_name", "the name"},
      {"address", "the address"},
  };
  for (const Row& row : rows)
    if (row.option == option) return std::string(row.flag);
  return option;
}

}  // namespace

Verdict judge_config(const Error& error) {
  Verdict v;
  v.exit_code = ExitCode::usage;
  v.set(error.reason());
  const auto evidence = [&](std::string_view name) {
    const Fact::Value* value = error.find(name);
    return value != nullptr ? printable_utf8(to_text(*value)) : std::string();
  };
  const std::string path = evidence("path");
  const std::string file = path.empty() ? std::string("The input") : path;
  switch (error.reason()) {
    case Reason::file_not_readable:
      v.summary = fmt::format("{} can't be read.", file);
      v.found = evidence("error");
      break;
    case Reason::bad_pem:
      v.expected = evidence("expected");
      v.found = evidence("found");
      if (v.expected.ends_with("PEM or DER")) {
        v.summary = fmt::format("{} is not what was expected.", file);
        if (v.found == no_certificate_among_it)
          v.advice = {fmt::format("What it holds: handfast cert inspect {}", shell_word(path))};
        break;
      }
      v.summary = fmt::format("{} is not the PEM file that was expected.", file);
      v.advice = {
          "A PEM file is text with -----BEGIN ...----- lines. From DER: openssl x509 -inform DER -in FILE -out "
          "FILE.pem"};
      break;
    case Reason::bad_private_key:
      v.summary = fmt::format("{} holds no private key that can be used.", file);
      v.found = evidence("problem");
      v.expected =
          "PKCS#8, SEC 1 or PKCS#1 in PEM, not encrypted: RSA, ECDSA on P-256, P-384 or P-521, Ed25519, or "
          "ML-DSA with OpenSSL 3.5 or later or AWS-LC";
      break;
    case Reason::key_does_not_match:
      v.summary = "The private key does not belong to the certificate.";
      v.found = evidence("subject").empty() ? "" : "the certificate " + evidence("subject");
      v.expected = "the key that the certificate (the first one in its file) was issued for";
      v.advice = {"Both must show the same: openssl x509 -in CERT -noout -pubkey and openssl pkey -in KEY -pubout"};
      break;
    case Reason::bad_config:
      v.summary = fmt::format("{}: {}.", flag_of(evidence("option")), evidence("problem"));
      v.found = evidence("value");
      if (std::string remedy = evidence("remedy"); !remedy.empty()) v.advice.push_back(std::move(remedy));
      break;
    default: v.summary = printable_utf8(error.message()) + "."; break;
  }
  return v;
}

}  // namespace handfast::doctor
