// Records of TLS 1.2 that others made: gnutls-cli 3.7.9 sent the client's, openssl s_server 3.0.22 the server's, each
// its Finished and a line of text. The master secrets are from the client's SSLKEYLOGFILE, the transcript hashes were
// computed from the messages on the wire with Python's hashlib.
#include <gtest/gtest.h>

#include <string>

#include "base/copy.h"
#include "crypto/cipher_suite.h"
#include "record/protection.h"
#include "schedule/tls12/secrets.h"
#include "support/hex.h"

namespace handfast::test {
namespace {

using record::Protection;
using schedule::tls12::MasterSecret;
using schedule::tls12::Randoms;

struct Recorded {
  CipherSuite suite;
  const char* master_secret;
  const char* client_random;
  const char* server_random;
  const char* client_transcript_hash;  ///< before the Finished of the client
  const char* server_transcript_hash;  ///< before that of the server
  const char* client_finished;
  const char* client_text;
  const char* server_finished;
  const char* server_text;
};

const Recorded recorded[] = {
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
     "71a4fb4524bee7e42d851b30f95040abecae60771fb83848429335ac98362efa3afea58b032b0f1309241f897aa52e1c",
     "777439b2d8106b468c5c677df1f72bfe3582c9bbc3d267344c679a766d9edc73",
     "23c9536daf918f2143c1e6f57217aaed722ec4ba11e1028dfb16edcbdfa9531a",
     "ee1391036a2a28d28e12939bd5bc63dcee3b1799589d3c4e2ff51aba85a8b3bf",
     "7662426ce431638ba749e0d1270b6a0d376b78a8b826bb7cd86be3fba8da69bd",
     "160303002800000000000000004af0cdc02aa98185bba5c63b8dfc4792b08994ff4a284f7ef142347b02c7ca1f",
     "170303002900000000000000015aeffd2e64ecf85b2e673f9804087aa2a7eff70cb25eecdea912b2e75d8a962f02",
     "1603030028b3a8c6d3cc878c09da498eb540e4e179a99c147e2ff12ca522fdc8c72888ca4ec9bf602a929e1f2f",
     "1703030029b3a8c6d3cc878c0aeefcd9f79a734d8573db0952c54df030c993c2f9cd06ffcfd7901b6434d3247652"},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
     "a77f7f41dfef8b2e8a82cb4ca41ae0edcef10f0a89fc1ca7bac5d6405f168ca9dbb83ff9f5e1b5cbce32134a9182af9d",
     "433a6b325da6a65016e861aaf7136d3868b7aa75daba12032e79bb67f49cb83c",
     "934b886244220b6b87fabeb9d5f9b97e7e14e803dba9164d371fee114376a35c",
     "5ab62430a080caa8eb9db68f8bc0ad05ad773bd57617aea1ea7a7a2f9c0dd7950fa02c289e3f339cc292e61290a77483",
     "f16f86fb508c08be096a95223ee2796697bc8085a6ea6beedcd10255d74778237562e3b4effc35eefa985f0468c082df",
     "16030300280000000000000000936dc10b5bead26ea02d745bd61368359d22a49fbaa990bca3c3b63293701cb9",
     "1703030029000000000000000102e812dc48c0fd59ede66ab88085de37d0e87728cc6d71fc07ac8ad1039c252771",
     "16030300282f2f422587c458c6eb1b05d50048ea19ea75f251e89667015a54bef7d3cb5ccb3ce61d4def28e9c7",
     "17030300292f2f422587c458c7399173c5bd850dedc1ffde58fca7ca541b87d443d370d2af6c242c849b88371d9e"},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
     "c9e9fc9d01030b450532695770442249834c8913dab5e7b80f6903a9c5632fc080249d5454dd91f9e17acc535f4d1782",
     "62cdc668548bfd5215ba56f9b10d9e2414a0d95386d53853b738645577c0fa3a",
     "8daffc7fcc0cc6548d2a715b3fea77920b5e7bfd81c7ea2b21619a1a166d6a1a",
     "f400bcea361d2a3af04deed21244dc9ef47d0f339be940d0e7dcdaeb35eada47",
     "af5f335a7bd24a2651dedda96929735114e9570cda23fab3810d1f06d644cfe4",
     "16030300203426a5685958f7ed27e03e19ace9ae3d60d587e5e760ec1cafade39252b53bdb",
     "1703030021aad16fcc4956bf114cf92a50cd7000bebd0d5f31840b7a31d07870c1e60d0b49fa",
     "1603030020241e9a65aa11645dd2ab95ea65e66b96bbc334621cb6a59524d41f7f6ac9a8f5",
     "1703030021a2a4488c3036e487642646d776b9ef66f33a26154b021b38e29e1c20f813f0bff7"},
};

std::string open(Protection& protection, const char* hex) {
  Buffer record = from_hex(hex);
  const Result<record::Opened> opened = protection.open(record, record::max_plaintext);
  if (!opened) return std::string(name(opened.error().reason()));
  return name(opened->type) + " " + to_hex(opened->content);
}

class RecordedTls12 : public testing::TestWithParam<Recorded> {
 protected:
  static Randoms randoms() {
    Randoms randoms;
    base::copy(from_hex(GetParam().client_random), randoms.client);
    base::copy(from_hex(GetParam().server_random), randoms.server);
    return randoms;
  }
  Protection protection(schedule::tls12::RecordKeys keys) const {
    auto& [key, iv] = std::get<schedule::TrafficKeys>(keys);
    return Protection(suite, std::move(key), iv, suite.record_limit);
  }

  const crypto::SuiteParts& suite = *crypto::find_suite(GetParam().suite);
  const MasterSecret master{suite.hash, base::Secret(Bytes(from_hex(GetParam().master_secret)))};
  const schedule::tls12::KeyBlock keys{master.key_block(suite, randoms())};
};
INSTANTIATE_TEST_SUITE_P(Records, RecordedTls12, testing::ValuesIn(recorded),
                         [](const auto& recorded) { return name(recorded.param.suite); });

TEST_P(RecordedTls12, OpenToFinishedAndText) {
  const std::string header = "handshake 1400000c";
  Protection client = protection(keys.client({}));
  const std::string client_verify_data = to_hex(master.client_finished(from_hex(GetParam().client_transcript_hash)));
  EXPECT_EQ(open(client, GetParam().client_finished), header + client_verify_data);
  EXPECT_EQ(open(client, GetParam().client_text), "application_data " + to_hex(as_bytes("ping from GnuTLS\n")));

  Protection server = protection(keys.server({}));
  const std::string server_verify_data = to_hex(master.server_finished(from_hex(GetParam().server_transcript_hash)));
  EXPECT_EQ(open(server, GetParam().server_finished), header + server_verify_data);
  EXPECT_EQ(open(server, GetParam().server_text), "application_data " + to_hex(as_bytes("pong from OpenSSL")));
}

// GnuTLS counts the explicit nonce as we do, so that our records are the same as its.
TEST_P(RecordedTls12, AreSealedAsGnuTlsDoes) {
  Protection client = protection(keys.client({}));
  base::OutputBuffer out;
  const Buffer finished =
      from_hex("1400000c" + to_hex(master.client_finished(from_hex(GetParam().client_transcript_hash))));
  ASSERT_TRUE(client.seal(ContentType::handshake, finished, 0, out));
  ASSERT_TRUE(client.seal(ContentType::application_data, as_bytes("ping from GnuTLS\n"), 0, out));
  EXPECT_EQ(to_hex(out.view()), std::string(GetParam().client_finished) + GetParam().client_text);
}

}  // namespace
}  // namespace handfast::test
