// make_pki FOLDER: certificates, good and bad, for the tests of the program.
//
// From one authority: `good` (localhost, 127.0.0.1), `expired`, `other-name` (other.example), `second`
// (second.example), `client`; from another, other-ca.pem: `stranger` (localhost); from itself: `self-signed`
// (localhost). Each as NAME.pem and NAME.key.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <handfast/clock.h>
#include <handfast/random.h>

#include "authority/mint.h"
#include "crypto/signature.h"
#include "doctor/throwaway.h"
#include "x509/pem.h"

namespace {

using handfast::doctor::PemPair;
using handfast::doctor::ThrowAwayAuthority;
using std::chrono::hours;

void write(const std::filesystem::path& file, const std::string& text) { std::ofstream(file) << text; }

void write(const std::filesystem::path& folder, const std::string& name, const PemPair& pair) {
  write(folder / (name + ".pem"), pair.chain);
  write(folder / (name + ".key"), pair.key);
}

void make(const std::filesystem::path& folder) {
  const std::int64_t now = handfast::system_clock().now();
  const auto authority = ThrowAwayAuthority::make(now, handfast::system_random()).value();
  write(folder / "ca.pem", authority.certificate_pem());
  write(folder, "good", authority.issue("localhost", {"localhost", "127.0.0.1", "::1"}, hours(24)).value());
  write(folder, "expired", authority.issue("localhost", {"localhost"}, -hours(48)).value());
  write(folder, "other-name", authority.issue("other.example", {"other.example"}, hours(24)).value());
  write(folder, "second", authority.issue("second.example", {"second.example"}, hours(24)).value());
  write(folder, "client", authority.issue("client", {"client.example"}, hours(24)).value());
  const auto other = ThrowAwayAuthority::make(now, handfast::system_random()).value();
  write(folder / "other-ca.pem", other.certificate_pem());
  write(folder, "stranger", other.issue("localhost", {"localhost"}, hours(24)).value());

  const auto key = handfast::crypto::SigningKey::generate(handfast::crypto::KeyType::p256).value();
  const auto self_signed =
      handfast::authority::self_sign(handfast::authority::leaf_options({"localhost"}, now - 3600, now + 86400), key,
                                     handfast::system_random())
          .value();
  write(folder, "self-signed",
        {handfast::x509::encode_pem("CERTIFICATE", self_signed.der()),
         handfast::x509::encode_pem("PRIVATE KEY", key.to_der().value())});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("make_pki FOLDER\n", stderr);
    return 2;
  }
  make(argv[1]);
  return 0;
}
