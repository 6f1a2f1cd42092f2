// CertificateStatus.
#include "wire/tls12/certificate_status.h"

#include <gtest/gtest.h>

#include "wire/messages.h"

namespace handfast::test {
namespace {

using wire::tls12::parse_certificate_status;

TEST(CertificateStatus, GivesTheResponse) {
  const Buffer body = from_hex("01 000002 3000");
  const Result<wire::tls12::CertificateStatus> parsed = parse_certificate_status(body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(to_hex(parsed->ocsp_response), "3000");
  EXPECT_EQ(parsed->ocsp_response.data(), body.data() + 4);
}

TEST(CertificateStatus, HasBounds) {
  for (std::string_view body :
       {"", "01", "010000", "01000000", "01000001", "0100000230", "010000013000", "00000001 30", "02000001 30"})
    EXPECT_TRUE(is_error(parse_certificate_status(from_hex(body)), Alert::decode_error, Reason::decode_error,
                         {{"message", "certificate_status"}, {"field", "ocsp_response"}}))
        << body;
}

TEST(CertificateStatus, IsWritten) {
  const Buffer response = from_hex("30020500");
  Buffer out;
  ASSERT_TRUE(wire::tls12::write_certificate_status(out, {response}));
  EXPECT_EQ(out, from_hex("16000008 01 000004 30020500"));
  out.clear();
  const Buffer too_long(0x1000000, 0);
  EXPECT_TRUE(is_error(wire::tls12::write_certificate_status(out, {too_long}), Alert::internal_error,
                       Reason::message_too_long, {{"message", "certificate_status"}}));
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace handfast::test
