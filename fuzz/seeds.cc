// Writes the corpora that fuzzing starts from: seeds FOLDER. They come from handshakes and certificates of our own.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>

#include "authority/mint_crl.h"
#include "authority/mint_ocsp.h"
#include "identities.h"
#include "peers.h"
#include "session/client_session.h"
#include "support/hex.h"
#include "x509/crl.h"
#include "x509/pem.h"

namespace handfast::fuzz {
namespace {

using test::from_hex;

std::filesystem::path folder;

void write(std::string_view target, const std::string& name, Bytes bytes) {
  std::filesystem::create_directories(folder / target);
  std::ofstream file(folder / target / name, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// For those who take messages: a type, then a body.
void write_message(const std::string& name, Bytes message) {
  for (const std::string_view target : {"messages", "dissect"}) write(target, name, message);
}

Buffer joined(std::initializer_list<Bytes> parts) {
  Buffer all;
  for (Bytes part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Buffer with_length(Bytes bytes) {
  const Buffer length = {static_cast<std::uint8_t>(bytes.size() >> 8), static_cast<std::uint8_t>(bytes.size())};
  return joined({length, bytes});
}

// --- Whole peers (peers.h says what the numbers mean)
// -------------------------------------------------------------------

void write_programs() {
  const auto program = [](const std::string& name, std::string_view hex) {
    write("client", name, from_hex(hex));
    write("server", name, from_hex(hex));
  };
  for (unsigned bit = 0; bit < 16; ++bit) {
    char hex[32];
    std::snprintf(hex, sizeof hex, "%04x 01 0c0005 48656c6c6f 01", 1u << bit);
    program("setting-" + std::to_string(bit), hex);
  }
  program("mutual", "000c 01 0b0003616263 0c0003646566 01");
  program("retry-with-cookie", "0003 01");
  program("everything", "7fff 01 0b0003616263 0c0003646566 01 0c02 01 0b03 01 0b04 0c04 01");
  // After the handshake: what the peer's messages and records may be.
  program("key-update", "0000 01 09 16 0005 1800000100 01");
  program("key-update-requested", "0000 01 09 16 0005 1800000101 01 0b0003616263");
  program("both-update", "0000 01 0c03 01 0b03 01 0c0003616263 01");
  program("ticket", "0000 01 09 16 0018 04000014 00000e10 00000001 01 07 0006 aabbccddeeff 0000 01");
  program("post-handshake-request", "0000 01 09 16 0011 0d00000d 00 000a 000d 0006 0004 0807 0403 01");
  program("asked-later", "8000 01 09 16 0011 0d00000d 00 000a 000d 0006 0004 0807 0403 01");
  program("asked-later-with-a-filter",
          "8008 01 09 16 001f 0d00001b 00 0018 000d 0004 0002 0403 0030 000c 000a 05 0603551d0f 0002 0300 01");
  program("authenticates-later", "8008 01 0c08 01 0b0003616263 01 0b08 01 0c0003646566 01");
  program("authenticates-later-beside-data", "8008 01 0c08 0c0003616263 00 0b03 00 0b0003616263 0c03 01 0b08 0c08 01");
  program("certificate-that-nobody-asked-for", "8008 01 09 16 0008 0b000004 00000000 01");
  program("renegotiation", "0000 01 09 16 0004 00000000 01");
  program("data", "0000 01 09 17 0003 616263 01");
  program("close-notify", "0000 01 09 15 0002 0100 01");
  program("user-canceled", "0000 01 09 15 0002 015a 01");
  program("fatal-alert", "0000 01 09 15 0002 0228 01");
  program("change-cipher-spec", "0000 00 09 14 0001 01 01");
  program("truncated", "0000 01 0b05");
  // TLS 1.2: whole, with everything, and what is put in before and after its Finished.
  program("tls12", "0002 01 0b0003616263 0c0003646566 01");
  program("tls12-mutual", "000e 01 0b0003616263 0c0003646566 01");
  program("tls12-everything", "7ffe 01 0b0003616263 0c0003646566 01 0b04 01");
  program("tls12-later", "8002 01 0c08 01 0b02 01");
  program("tls12-hello-request-before", "0002 00 09 16 0004 00000000 01");
  program("tls12-hello-request", "0002 01 09 16 0004 00000000 01 0b0003616263");
  program("tls12-renegotiation", "0002 01 09 16 0004 01000000 01");
  program("tls12-warning", "0002 01 09 15 0002 0170 01");
  program("tls12-close-notify", "0002 01 09 15 0002 0100 01");
  program("tls12-data", "0002 01 09 17 0003 616263 01");
  program("tls12-change-cipher-spec", "0002 00 09 14 0001 01 01");
  program("tls12-certificate-status", "0002 00 00 09 16 000a 16000006 01000002 3000 01");
  program("half-closed", "0000 01 0c04 01 0b0003616263 01 0b04 01");
  program("exporter", "0000 01 0b07 20 0454455354 03637478");
  for (unsigned record = 0; record < 5; ++record) {
    std::string passed;
    for (unsigned i = 0; i < record; ++i) passed += "00";
    const std::string number = std::to_string(record);
    program("drop-" + number, "0000" + passed + "02 01");
    program("twice-" + number, "0000" + passed + "03 01");
    program("flip-" + number, "0000" + passed + "04 0009 01 01");
    program("cut-" + number, "0000" + passed + "05 0014 00 01");
    program("split-" + number, "0000" + passed + "07 21 01");
    program("insert-" + number, "0000" + passed + "08 0006 0400000000 01");
  }
  program("swap", "0000 00 0d 01");

  // A stranger's hello, in pieces.
  test::Pair pair(client_options(0), server_options(0));
  const Buffer hello = test::take_output(pair.client.connection);
  Buffer stranger = from_hex("0000 0e");
  for (std::size_t at = 0; at < hello.size(); at += 100) {
    const Bytes piece = Bytes(hello).subspan(at, std::min<std::size_t>(100, hello.size() - at));
    stranger.push_back(static_cast<std::uint8_t>(piece.size()));
    stranger.insert(stranger.end(), piece.begin(), piece.end());
  }
  write("server", "stranger", stranger);
  const std::string v2_client_hello = "01 0303 0009 0000 0020 00c02b 0700c0 0000ff" + std::string(64, '7');
  write("server", "stranger-v2", from_hex("0000 0e 34 8032" + v2_client_hello));
  write("messages", "v2_client_hello", from_hex("01" + v2_client_hello));
}

/// How a session is kept and who is the target, settings, and a program (resumption.cc).
void write_resumptions() {
  const auto program = [](const std::string& name, const std::string& rest) {
    for (unsigned side = 0; side < 2; ++side)
      for (const auto& [mode, kind] :
           {std::pair{0u, "ticket"}, {2u, "stored"}, {8u, "without-dhe"}, {16u, "external"}}) {
        char hex[8];
        std::snprintf(hex, sizeof hex, "%02x", mode | side);
        write("resumption", name + "-" + kind + (side != 0 ? "-server" : "-client"), from_hex(hex + rest));
      }
  };
  program("plain", "0000 01 0c0005 48656c6c6f 01");
  program("tls12", "0002 01 0b0005 48656c6c6f 01");
  program("mutual", "000c 01 0c0005 48656c6c6f 01");
  program("retry", "0001 01");
  const auto one = [](const std::string& name, const std::string& hex) { write("resumption", name, from_hex(hex)); };
  one("early", "05 0000 05 6561726c79 01 0b0003616263 01");
  one("early-stored", "07 0000 05 6561726c79 01");
  one("early-more", "05 0000 05 6561726c79 0c09 03 616263 01");
  one("early-retried", "25 0000 0001 05 6561726c79 01 0c0a 01");
  one("early-client", "04 0000 05 6561726c79 01 0c0003616263 01");
  one("early-rejected", "24 0000 0800 05 6561726c79 01 0b0a 01");
  one("early-injected", "05 0000 05 6561726c79 00 00 00 09 17 0003616263 09 16 0004 05000000 01");
  one("expired", "41 0000 01");
  one("other-settings", "21 0000 0010 01");
  one("unknown", "81 0000 01");
}

void write_sessions() {
  session::Session session;
  session.version = ProtocolVersion::tls1_3;
  session.cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256;
  session.group = NamedGroup::x25519;
  session.secret = base::Secret(Buffer(32, 1));
  session.issued = session.authenticated = 1'800'000'000'000;
  session.expires = session.issued + 7'200'000;
  session.server_name = "server.example";
  session.application_protocol = "h2";
  session.peer.certificates = {identities().leaf, identities().root};
  session.peer.verified = true;
  const auto seed = [](std::uint8_t kind, const std::string& name, Bytes bytes) {
    write("sessions", name, joined({{&kind, 1}, bytes}));
  };
  seed(0, "session", session::encode(session));
  auto saved = std::make_shared<session::ClientSession>();
  saved->ticket = {1, 2, 3};
  saved->key.server_name = "server.example";
  saved->key.port = 443;
  saved->session = session.clone();
  seed(1, "saved", SavedSession(saved).serialize());
  auto by_id = std::make_shared<session::ClientSession>();
  by_id->session_id = Buffer(32, 9);
  by_id->session = session.clone();
  by_id->session.version = ProtocolVersion::tls1_2;
  by_id->session.cipher_suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
  seed(1, "saved-by-id", SavedSession(by_id).serialize());
  RotatingTicketKeys keys({}, std::make_shared<test::SeededRandom>(3));
  seed(2, "keys", export_keys(*keys.ring(test::FixedClock().seconds)));
  seed(3, "ticket", {});
  seed(3, "changed", from_hex("0000 01 0010 80 0030 ff"));
}

// --- Messages
// -----------------------------------------------------------------------------------------------------------

/// Writes every message as a seed: its type, then its body.
class Recorder final : public Trace {
 public:
  explicit Recorder(std::string name) : name_(std::move(name)) {}
  void on(const TraceEvent& event) override {
    const auto* message = std::get_if<MessageEvent>(&event.what);
    if (message == nullptr || message->direction != Direction::sent) return;
    const Buffer type = {static_cast<std::uint8_t>(message->type)};
    write_message(name(message->type) + "-" + name_ + std::to_string(++count_),
                  joined({type, message->bytes.subspan(4)}));
  }

 private:
  std::string name_;
  int count_ = 0;
};

void write_messages() {
  for (unsigned settings : {0x0000u, 0x000fu, 0x7fffu, 0x4430u}) {
    Recorder client(std::to_string(settings) + "c");
    Recorder server(std::to_string(settings) + "s");
    const auto number = static_cast<std::uint16_t>(settings);
    test::Pair pair(client_options(number), server_options(number), "server.example", &client, &server);
    pair.pump();
    require(pair.connected() && pair.client.connection.update_keys(KeyUpdateRequest::update_requested).has_value());
  }
  for (unsigned settings : {0x0000u, 0x001cu, 0x4030u}) {
    Recorder client("tls12-" + std::to_string(settings) + "c");
    Recorder server("tls12-" + std::to_string(settings) + "s");
    const auto number = static_cast<std::uint16_t>(settings);
    ClientOptions options = client_options(number);
    options.max_version = ProtocolVersion::tls1_2;
    test::Pair pair(options, server_options(number), "server.example", &client, &server);
    pair.pump();
    require(pair.connected());
  }
  write_message("new_session_ticket", from_hex("04 00000e10 00000001 01 07 0006 aabbccddeeff 0008 002a 0004 00004000"));
  write_message("new_session_ticket-flags",
                from_hex("04 00000e10 00000001 01 07 0006 aabbccddeeff 0007 003e 0003 020001"));
  write_message("end_of_early_data", from_hex("05"));
  write_message(
      "client_hello-psk",
      from_hex("01 0303" + std::string(64, '5') +
               "00 0002 1301 0100 0050 0023 0002 4142 002d 0003 020001 002a 0000 002b 0003 020304 0033 0002 0000"
               "0029 002e 0009 0003 414243 00000007 0021 20" +
               std::string(64, 'b')));
  write_message("server_hello-psk",
                from_hex("02 0303" + std::string(64, '5') + "00 1301 00 000c 002b 0002 0304 0029 0002 0000"));
  write_message("encrypted_extensions-early", from_hex("08 0004 002a 0000"));
  // Of TLS 1.2, what stands in no handshake of ours.
  const auto tls12 = [](const std::string& name, const std::string& hex) {
    write_message(name + "-tls12", from_hex(hex));
  };
  tls12("server_hello", "02 0303" + std::string(64, '5') +
                            "00 c02f 00 0034 00000000 00170000 ff01000100 000b00020100 00230000 00100005000302 6832"
                            "00050000 00120006000400020102 001c00024000");
  tls12("server_hello-bare", "02 0303" + std::string(64, '5') + "00 c02f 00");
  tls12("new_session_ticket", "04 00001c20 0003 c0ffee");
  tls12("new_session_ticket-empty", "04 00000000 0000");
  tls12("hello_request", "00");
  tls12("certificate_status", "16 01 000005 30030a0103");
  write_message("alert", from_hex("00 0228"));
}

// --- Certificates, PEM, names
// -------------------------------------------------------------------------------------------

void write_certificates() {
  const Identities& ids = identities();
  const auto chain = [](const std::string& name, std::uint8_t choice, std::initializer_list<Bytes> certificates) {
    Buffer seed = {choice};
    for (Bytes certificate : certificates) seed = joined({seed, with_length(certificate)});
    write("certificates", name, seed);
  };
  chain("leaf", 2, {ids.leaf});
  chain("chain", 3, {ids.leaf, ids.root});
  chain("strict", 6, {ids.leaf, ids.root});
  chain("pinned", 8, {ids.leaf});

  test::SeededRandom random;
  const std::int64_t now = test::FixedClock().seconds;
  auto options = authority::ca_options("Another root", now - 86400, now + 86400);
  // permitted: dNSName example, excluded: iPAddress 10.0.0.0/8
  options.extensions = {
      {"2.5.29.30", true, from_hex("301b a00b 3009 8207 6578616d706c65 a10c 300a 8708 0a000000 ff000000")}};
  for (const auto& [type, name] : {std::pair{crypto::KeyType::p256, "p256"},
                                   {crypto::KeyType::p384, "p384"},
                                   {crypto::KeyType::rsa, "rsa"},
                                   {crypto::KeyType::mldsa44, "mldsa44"}}) {
    if (!crypto::supports(type)) continue;
    const authority::Identity root = test::value(authority::make_ca(options, type, random));
    const authority::Identity leaf = test::value(
        authority::make_identity(authority::leaf_options({"server.example", "*.example"}, now - 3600, now + 3600),
                                 crypto::KeyType::p256, {root.certificate, root.key}, random));
    chain(name, 2, {leaf.certificate.der(), root.certificate.der()});
    write("pem", name,
          as_bytes(x509::encode_pem("CERTIFICATE", root.certificate.der()) +
                   x509::encode_pem("PRIVATE KEY", test::value(root.key.to_der()))));
  }
  write("pem", "ed25519",
        as_bytes("Bag Attributes\n" + x509::encode_pem("CERTIFICATE", ids.leaf) +
                 x509::encode_pem("PRIVATE KEY", Identities::key_der(2))));
  write("pem", "encrypted", as_bytes(x509::encode_pem("ENCRYPTED PRIVATE KEY", from_hex("30030201 00"))));
  write("pem", "open", as_bytes("-----BEGIN CERTIFICATE-----\r\nMAA=\r\n"));

  const x509::Certificate leaf_certificate = test::value(x509::Certificate::parse(ids.leaf));
  const x509::Certificate root_certificate = test::value(x509::Certificate::parse(ids.root));
  const Bytes leaf_name = leaf_certificate->subject;
  const Bytes root_name = root_certificate->subject;
  const auto names = [](const std::string& name, std::uint8_t choice, Bytes first, Bytes second) {
    const Buffer head = {choice, static_cast<std::uint8_t>(first.size())};
    write("names", name, joined({head, first, second}));
  };
  names("der", 0, from_hex("00 07 01 03 04 08"), ids.root);
  names("distinguished", 1, leaf_name, root_name);
  names("equal", 1, leaf_name, leaf_name);
  names("general", 2, from_hex("8207 6578616d706c65 8704 0a000001 8103 614062"),
        from_hex("8207 6578616d706c65 8708 0a000000 ff000000 8603 783a79"));
  names("constraints", 2, from_hex("8207 6578616d706c65"), options.extensions.front().value);
  names("host", 3, as_bytes("WWW.Example.COM."), as_bytes("*.example.com"));
  names("ipv4", 3, as_bytes("192.0.2.1"), as_bytes("192.0.2.1"));
  names("ipv6", 3, as_bytes("[2001:db8::1]"), as_bytes("2001:db8::1"));
  names("below", 4, as_bytes("*.Corp.example"), as_bytes("a.corp.example"));
  names("prefix", 4, as_bytes("192.0.2.128/25"), as_bytes("192.0.2.200"));
  names("pin", 4, as_bytes("sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), {});
}

// --- Revocation lists
// ---------------------------------------------------------------------------------------------------

void write_crls() {
  const Identities& ids = identities();
  const crypto::SigningKey key = test::value(crypto::SigningKey::from_der(Identities::key_der(1)));
  const x509::Certificate root = test::value(x509::Certificate::parse(ids.root));
  const x509::Certificate leaf = test::value(x509::Certificate::parse(ids.leaf));
  const Bytes serial = leaf->serial_number;
  const std::int64_t now = test::FixedClock().seconds;
  authority::CrlOptions plain;
  plain.this_update = now - 3600;
  plain.next_update = now + 3600;
  plain.crl_number = 7;
  const auto with = [&plain](std::vector<authority::RevokedCertificate> revoked,
                             std::vector<authority::RawExtension> extensions) {
    authority::CrlOptions options = plain;
    options.revoked = std::move(revoked);
    options.extensions = std::move(extensions);
    return options;
  };
  const authority::RevokedCertificate named{Buffer(serial.begin(), serial.end()), now - 7200,
                                            x509::CRLReason::certificateHold};
  authority::RevokedCertificate removed = named;
  removed.reason = x509::CRLReason::removeFromCRL;
  authority::RevokedCertificate detailed{from_hex("0080"), now - 7200};
  detailed.extensions = {{"2.5.29.24", false, from_hex("180f 32303235303130313030303030305a")}};
  authority::RevokedCertificate of_another{from_hex("05"), now - 7200};
  of_another.extensions = {{"2.5.29.29", true, from_hex("3011 a40f 300d 310b 3009 0603550403 0c0241 42")}};  // CN=AB
  const auto idp = [](std::string_view hex) { return authority::RawExtension{"2.5.29.28", true, from_hex(hex)}; };
  authority::CrlOptions delta = with({removed}, {{"2.5.29.27", true, from_hex("020107")}});
  delta.crl_number = 8;
  const auto write_lists = [&](const std::string& name, const std::vector<authority::CrlOptions>& lists) {
    Buffer whole = {0};
    Buffer to_sign = {1};
    for (const authority::CrlOptions& options : lists) {
      const Buffer crl = test::value(authority::issue_crl(options, {root, key}));
      whole = joined({whole, with_length(crl)});
      to_sign = joined({to_sign, with_length(test::value(x509::Crl::parse(crl))->tbs)});
    }
    write("crl", name, whole);
    write("crl", name + "-to-sign", to_sign);
  };
  write_lists("plain", {plain});
  write_lists("revoked", {with({detailed, named}, {})});
  write_lists("delta", {with({named}, {}), delta});
  write_lists("indirect", {with({of_another, detailed}, {idp("3003 8401ff")})});
  write_lists("served", {with({}, {idp("3010 a00e a00c 860a 687474703a2f2f612f62")})});
  write_lists("relative", {with({}, {idp("300f a00d a10b 3009 0603550403 0c024142")})});
  write_lists("reasons", {with({}, {idp("3004 83020560")}), with({named}, {idp("3005 8303071f80")})});
  write_lists("unknown", {with({}, {{"1.2.3.4", true, from_hex("0500")}})});
}

// --- OCSP responses
// ------------------------------------------------------------------------------------------------------

void write_ocsp() {
  using x509::RevocationStatus;
  const auto certificate = [](const Buffer& der) { return test::value(x509::Certificate::parse(der)); };
  const crypto::SigningKey root_key = test::value(crypto::SigningKey::from_der(Identities::key_der(1)));
  const x509::Certificate root = certificate(identities().root);
  const std::int64_t now = test::FixedClock().seconds;
  authority::OcspAnswer answer{.certificate = certificate(identities().leaf), .issuer = root};
  answer.this_update = now - 3600;
  answer.next_update = now + 3600;
  // Whole, and its ResponseData alone, to be signed anew.
  const auto seed = [&](const std::string& name, const authority::OcspOptions& options,
                        const authority::Issuer& responder) {
    const Buffer response = test::value(authority::mint_ocsp_response(options, responder));
    const x509::BasicOCSPResponse basic = *test::value(x509::parse_ocsp_response(response)).basic;
    const Buffer as_it_is = {0}, signed_anew = {1};
    write("ocsp", name, joined({as_it_is, response}));
    write("ocsp", name + "-signed", joined({signed_anew, with_length(basic.tbs), basic.certificates}));
  };
  for (const auto& [status, name] : {std::pair{RevocationStatus::good, "good"},
                                     {RevocationStatus::revoked, "revoked"},
                                     {RevocationStatus::unknown, "unknown"}}) {
    answer.status = status;
    answer.revoked_at = now - 86400;
    answer.reason = x509::CRLReason::keyCompromise;
    seed(name, {.answers = {answer}, .produced_at = now}, {root, root_key});
  }
  authority::OcspAnswer other = answer;
  other.hash = crypto::HashAlgorithm::sha256;
  other.next_update.reset();
  other.extensions = {{"1.3.6.1.5.5.7.48.1.6", false, from_hex("180f32303230303130313030303030305a")}};
  const std::vector<authority::RawExtension> nonce = {{"1.3.6.1.5.5.7.48.1.2", false, from_hex("040100")}};
  seed("several", {.answers = {answer, other}, .produced_at = now, .extensions = nonce}, {root, root_key});
  authority::CertificateOptions options = authority::leaf_options({}, now - 3600, now + 3600);
  options.common_name = "Responder";
  options.extended_key_usage = {authority::ocsp_signing};
  test::SeededRandom random;
  crypto::SigningKey key = test::value(crypto::SigningKey::from_der(Identities::key_der(3)));
  const x509::Certificate responder = test::value(authority::issue(options, key, {root, root_key}, random));
  const authority::ResponderID by_key = authority::ResponderID::by_key;
  seed("delegated", {.answers = {answer}, .produced_at = now, .responder_id = by_key, .certificates = {responder}},
       {responder, key});
  write("ocsp", "refusal", joined({from_hex("00"), authority::mint_ocsp_refusal(x509::OCSPResponseStatus::tryLater)}));
}

// --- Records
// ------------------------------------------------------------------------------------------------------------

void write_records() {
  const auto stream = [](const std::string& name, std::string_view hex) { write("records", name, from_hex(hex)); };
  stream("clear", "00 06 16 0301 0005 0100000100 15 0303 0002 0228");
  stream("change-cipher-spec", "00 00 14 0303 0001 01 16 0303 0004 00000000");
  stream("http", "00 00 474554202f20485454502f312e310d0a");
  const std::string tag(32, '0');
  const std::string data = "17 0303 0014 616263 17" + tag;
  stream("protected", "08 03" + data + "17 0303 0018 1800000100 160000" + tag);
  stream("handshake", "04 07 14 0303 0001 01 17 0303 0015 08000000 16" + tag + "15 0303 0002 0228");
  stream("limited", "09 20" + data + data);
  stream("skipped", "06 10" + data + "16 0303 0004 01000000");
  stream("empty", "08 01 17 0303 0011 17" + tag + "17 0303 0011 17" + tag + data);
  stream("zeros", "08 01 17 0303 0013 000000" + tag);
  // Of TLS 1.2: with an explicit nonce, without one, and too short for it.
  const std::string nonce = "0123456789abcdef";
  stream("tls12-gcm", "28 05 16 0303 001c" + nonce + "00000000" + tag + "17 0303 001b" + nonce + "616263" + tag);
  stream("tls12-chacha20-poly1305", "48 03 17 0303 0013 616263" + tag + "15 0303 0012 0100" + tag);
  for (const char* settings : {"80", "a0"})
    for (std::size_t blocks : {2u, 4u, 18u})
      stream(std::string("cbc-") + settings + "-" + std::to_string(blocks), settings + std::string("30 17 0303 ") +
                                                                                (blocks == 18  ? "0120"
                                                                                 : blocks == 4 ? "0040"
                                                                                               : "0020") +
                                                                                std::string(32 * blocks, '6'));
  stream("tls12-limited", "29 40 17 0303 0059" + nonce + std::string(2 * 65, '0') + tag);
  stream("tls12-short", "28 07 17 0303 0017" + nonce + std::string(2 * 15, '0'));
}

// --- HTTP/1.1: what it is, where it is cut, its text
// -----------------------------------------------------------------------

void write_http() {
  const auto message = [](const std::string& name, char kind, std::string_view text) {
    const std::string cuts("\x03\x05\x00\x11", 4);
    const std::string seed = std::string(1, kind) + cuts + std::string(text);
    write("http", name, as_bytes(seed));
  };
  message("get", 0, "GET /a?b HTTP/1.1\r\nHost: a.example:80\r\nConnection: close, X\r\n\r\nGET /next");
  message("absolute", 0, "GET http://[2001:db8::1]/ HTTP/1.0\r\n\r\n");
  message("connect", 0, "CONNECT a.example:443 HTTP/1.1\r\nHost: a\r\n\r\n\x16\x03\x01");
  message("post", 0, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\nExpect: 100-continue\r\n\r\nhello");
  message("chunked", 0,
          "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\n");
  message("both", 0, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
  message("folded", 0, "\r\nGET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n");
  message("limited", 4, "GET / HTTP/1.1\r\nHost: a\r\nX: 0123456789012345678901234567890123456789\r\n\r\n");
  message("response", 1, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  message("until-close", 1, "HTTP/1.0 200\r\nServer: x\r\n\r\nhello");
  message("head", 1 | 8, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  message("tunnel", 1 | 16, "HTTP/1.1 200 Connection established\r\n\r\n\x16\x03\x03");
  message("chunked-response", 1 | 24,
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n00a\r\n0123456789\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace handfast::fuzz

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: seeds FOLDER\n");
    return 2;
  }
  handfast::fuzz::folder = arguments[1];
  handfast::fuzz::write_programs();
  handfast::fuzz::write_messages();
  handfast::fuzz::write_certificates();
  handfast::fuzz::write_crls();
  handfast::fuzz::write_ocsp();
  handfast::fuzz::write_records();
  handfast::fuzz::write_resumptions();
  handfast::fuzz::write_sessions();
  handfast::fuzz::write_http();
}
