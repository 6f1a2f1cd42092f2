// What the numbers in messages are called: those that the engine speaks, and those that it meets in others' hellos.
#pragma once

#include <cstdint>
#include <string>

namespace handfast::doctor::dissection {

/// What a number says. Each takes any number; one without a name is given in hexadecimal, a reserved one (RFC 8701) as
/// "GREASE".
using Say = std::string (*)(std::uint64_t);

std::string alert_description(std::uint64_t);
std::string alert_level(std::uint64_t);
std::string certificate_compression(std::uint64_t);
std::string certificate_type(std::uint64_t);  ///< RFC 7250
std::string cipher_suite(std::uint64_t);
std::string client_certificate_type(std::uint64_t);  ///< RFC 5246, section 7.4.4
std::string compression_method(std::uint64_t);
std::string content_type(std::uint64_t);
std::string curve_type(std::uint64_t);
std::string ech_client_hello_type(std::uint64_t);  ///< RFC 9849, section 5
std::string extension_type(std::uint64_t);
std::string handshake_type(std::uint64_t);
std::string hpke_aead(std::uint64_t);
std::string hpke_kdf(std::uint64_t);
std::string key_update_request(std::uint64_t);
std::string max_fragment_length(std::uint64_t);
std::string named_group(std::uint64_t);
std::string point_format(std::uint64_t);
std::string psk_key_exchange_mode(std::uint64_t);
std::string server_name_type(std::uint64_t);
std::string signature_scheme(std::uint64_t);
std::string status_type(std::uint64_t);
std::string version(std::uint64_t);

std::string byte_count(std::uint64_t);  ///< "1 byte", "32 bytes"
std::string decimal(std::uint64_t);
std::string hexadecimal(std::uint64_t);  ///< "0x1f"
std::string seconds(std::uint64_t);
std::string timestamp(std::uint64_t milliseconds);  ///< after 1970

}  // namespace handfast::doctor::dissection
