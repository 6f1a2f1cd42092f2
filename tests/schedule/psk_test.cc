// What begins with a PSK: binders of every kind, early data, both modes of key exchange, the PSK of a ticket.
//
// The values were computed with hmac and hashlib of Python 3, by the formulas of RFC 8446, sections 4.2.11.2, 4.4.4,
// 4.6.1 and 7.1, and RFC 9258, section 5.2. The PSK, and the resumption_master_secret, is 00 01 02 ..., as long as the
// hash; the transcript is "hello", the (EC)DHE secret "shared".
#include <gtest/gtest.h>

#include "schedule/secrets.h"
#include "support/hex.h"

namespace handfast::test {
namespace {

using schedule::EarlySecret;
using schedule::PskKind;

struct Computed {
  crypto::HashAlgorithm hash;
  const char* early_secret;
  const char* res_binder;
  const char* ext_binder;
  const char* imp_binder;
  const char* client_early_traffic;
  const char* early_exporter;
  const char* psk_ke;      ///< client_handshake_traffic_secret
  const char* psk_dhe_ke;  ///< client_handshake_traffic_secret
  const char* with_nonce;  ///< the PSK of a ticket whose nonce is "nonce"
  const char* with_empty_nonce;

  base::Secret psk() const {
    base::Secret secret(crypto::digest_size(hash));
    std::uint8_t next = 0;
    for (std::uint8_t& byte : secret.writable()) byte = next++;
    return secret;
  }
  crypto::Digest transcript_hash() const { return crypto::Hash::of(hash, as_bytes("hello")); }
};

const Computed computed[] = {
    {crypto::HashAlgorithm::sha256, "46bd320605c5a6b6163ab70bc6345b92a5f908e79fe58979c23ebb47d1a5e307",
     "cf301b6ce336f361513e20e63b74de65ae8efea1de63d856e4e45f0a49b682c0",
     "b092ab04aa0bcbbc28d7a2efad572cbd7528e46e97421c047fb2db85e7c83432",
     "da30f1862cf356d46111b7d3c6891a51c3e454de15279066b43f2e46d2fa4afa",
     "73af67425de0ea467442a2606217732b778d1886facf19123bdddb7ab4b26e65",
     "d7a26f9301092ab1dedf1c5ae536b3e069b5f97c1ad4421cbf91ee409d331e04",
     "a8d4d98d9be2b19a40979a8ac255caafd64088658976ef3c4137cce9ea328f5d",
     "36fbf270027c58e3d2eae146ed53231c09c645ff8f58af952727c2c5d9e16071",
     "af6cb863643fa4d0c602592b34a2b4ad737b40f89bc89f064fa3c07988f86860",
     "98938671a62799b36083a1106e9f12d5d8768d8182578fd5109dffb799a728fa"},
    {crypto::HashAlgorithm::sha384,
     "360732e7447a7e51164ebc696c02061ead7f37c94691c4c830c8bb5ccc75ad69aa72ba3bc5d8112486c6d0c5c6b9e0be",
     "093fde3e670bf66274716e55f2e08bc7e81efda4b71f79b4f70fc3f2161c5c22a63213b6d5dbf6286a39444cd2c37a72",
     "5ec0523359b6fc92852336dcab4704f1e1d552a5e30e985a03e3344dbbd170a458bb6f4d1513f3abf0dff007bbd691f2",
     "a8adc056cee0f19819576fcb6aa0ea5600290539fc011a33d72158b8948abb015509d0b77452158ad1367c8192cdfc35",
     "2cd70197311e3af03dcd3ecae085b35de42b160190d35e400a86587a9651066d43e1884e4df78ba437f108d9b6761f52",
     "7f40bc19761f9c7797b24ec49a1cc3ff6db36cb34b4844656c0c0724177b4b43f3bad662b24e0f8cb69d3b1173c5ac25",
     "65ff57e7cad400a183cd66dd2213c15479047b2e8cf1f239b92e842ca745e8a974257ab11c0b60ccf42e07f4d97775f6",
     "a640b0b67b5018be9976908c980bbbeb8c4d860269b50784cb01f1175492e041d7025fa07d873110063ecbf4f54f2243",
     "b33349fa5dcc44694b6a9c514b5a3dbc17e680cdb7ae545cdc8c8de2171416d5865804bcbaae1728bc3bafc9c3258450",
     "7ec50ca30f040c2f8d696a0490b216b23f552ad88d8537199ce3aa5138362519c778e04e446229fa5397565405fe2059"},
};

TEST(Psk, GivesTheEarlySecrets) {
  for (const Computed& each : computed) {
    const crypto::Digest hello = each.transcript_hash();
    const EarlySecret early = EarlySecret::of(each.hash, each.psk());
    EXPECT_EQ(early.hash(), each.hash);
    EXPECT_EQ(to_hex(early.view()), each.early_secret);
    EXPECT_EQ(to_hex(early.client_early_traffic(hello.view()).view()), each.client_early_traffic);
    EXPECT_EQ(to_hex(early.early_exporter(hello.view()).view()), each.early_exporter);
  }
}

TEST(Psk, HasABinderOfItsKind) {
  for (const Computed& each : computed) {
    const crypto::Digest hello = each.transcript_hash();
    const EarlySecret early = EarlySecret::of(each.hash, each.psk());
    const auto binder = [&](PskKind kind) {
      const crypto::Digest code = early.binder(kind, hello.view());
      return to_hex(code.view());
    };
    EXPECT_EQ(binder(PskKind::resumption), each.res_binder);
    EXPECT_EQ(binder(PskKind::external), each.ext_binder);
    EXPECT_EQ(binder(PskKind::imported), each.imp_binder);
  }
}

TEST(Psk, GivesTheHandshakeSecretOfEitherMode) {
  for (const Computed& each : computed) {
    const crypto::Digest hello = each.transcript_hash();
    const auto secret = [&](const schedule::HandshakeSecret& handshake) {
      const schedule::TrafficSecret traffic = handshake.client_handshake_traffic(hello.view());
      return to_hex(traffic.view());
    };
    EXPECT_EQ(secret(EarlySecret::of(each.hash, each.psk()).handshake()), each.psk_ke);
    const base::Secret shared(as_bytes("shared"));
    EXPECT_EQ(secret(EarlySecret::of(each.hash, each.psk()).handshake(shared)), each.psk_dhe_ke);
  }
}

TEST(Psk, GoesOnFromAnEarlySecretThatWasKept) {
  for (const Computed& each : computed) {
    const crypto::Digest hello = each.transcript_hash();
    const base::Secret kept(Bytes(from_hex(each.early_secret)));
    EarlySecret early = EarlySecret::extracted(each.hash, kept);
    EXPECT_EQ(to_hex(early.view()), each.early_secret);
    const crypto::Digest binder = early.binder(PskKind::imported, hello.view());
    EXPECT_EQ(to_hex(binder.view()), each.imp_binder);
    const schedule::TrafficSecret traffic = std::move(early).handshake().client_handshake_traffic(hello.view());
    EXPECT_EQ(to_hex(traffic.view()), each.psk_ke);
  }
}

TEST(Psk, IsEmptyWhereThereIsNone) { EXPECT_TRUE(EarlySecret(crypto::HashAlgorithm::sha256).view().empty()); }

TEST(Psk, OfATicketDependsOnItsNonce) {
  for (const Computed& each : computed) {
    const base::Secret with_nonce = schedule::resumption_psk(each.hash, each.psk(), as_bytes("nonce"));
    EXPECT_EQ(to_hex(with_nonce.view()), each.with_nonce);
    const base::Secret with_empty_nonce = schedule::resumption_psk(each.hash, each.psk(), {});
    EXPECT_EQ(to_hex(with_empty_nonce.view()), each.with_empty_nonce);
    const Buffer longest(255, 1);  // opaque ticket_nonce<0..255>
    EXPECT_EQ(schedule::resumption_psk(each.hash, each.psk(), longest).size(), crypto::digest_size(each.hash));
  }
}

}  // namespace
}  // namespace handfast::test
