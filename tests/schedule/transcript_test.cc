// The transcript hash.
#include "schedule/transcript.h"

#include <gtest/gtest.h>

#include "support/hex.h"

namespace handfast::test {
namespace {

using crypto::HashAlgorithm;

std::string hash_of(std::string_view text) {
  const crypto::Digest digest = crypto::Hash::of(HashAlgorithm::sha256, as_bytes(text));
  return to_hex(digest.view());
}

std::string digest(const schedule::Transcript& transcript) {
  const crypto::Digest digest = transcript.digest();
  return to_hex(digest.view());
}

std::string digest_with(const schedule::Transcript& transcript, std::string_view more) {
  const crypto::Digest digest = transcript.digest_with(as_bytes(more));
  return to_hex(digest.view());
}

TEST(Transcript, IsOfAllMessages) {
  schedule::Transcript transcript;
  transcript.add(as_bytes("client hello "));
  transcript.start(HashAlgorithm::sha256);
  EXPECT_EQ(digest(transcript), hash_of("client hello "));
  transcript.add(as_bytes("server hello"));
  EXPECT_EQ(digest(transcript), hash_of("client hello server hello"));
}

TEST(Transcript, GivesADigestAsIfMoreHadBeenAdded) {
  schedule::Transcript transcript;
  transcript.start(HashAlgorithm::sha256);
  EXPECT_EQ(digest_with(transcript, "truncated"), hash_of("truncated"));
  transcript.add(as_bytes("before "));
  EXPECT_EQ(digest_with(transcript, "trunc"), hash_of("before trunc"));
  EXPECT_EQ(digest_with(transcript, ""), hash_of("before "));
  transcript.add(as_bytes("whole"));
  EXPECT_EQ(digest(transcript), hash_of("before whole")) << "nothing was added";
}

// RFC 8446, sections 4.2.11.2 and 4.4.1.
TEST(Transcript, OfATruncatedSecondHelloBeginsWithTheFoldedFirst) {
  schedule::Transcript transcript;
  transcript.add(as_bytes("first hello"));
  transcript.start(HashAlgorithm::sha256);
  transcript.fold_first_hello();
  transcript.add(as_bytes("retry"));
  const std::string first(as_text(from_hex("fe000020" + hash_of("first hello"))));
  EXPECT_EQ(digest_with(transcript, "trunc"), hash_of(first + "retrytrunc"));
}

}  // namespace
}  // namespace handfast::test
