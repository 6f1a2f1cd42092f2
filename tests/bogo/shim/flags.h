// The flags that the runner starts the shim with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <handfast/bytes.h>

namespace handfast::bogo {

/// What the runner says of one credential: a certificate, a raw public key, or a pre-shared key.
struct CredentialFlags {
  std::string cert_file;
  std::string key_file;
  std::vector<int> signing_prefs;
  Buffer ocsp_response;
  Buffer signed_cert_timestamps;
  bool must_match_issuer = false;
  Buffer cert_properties;  ///< a CertificatePropertyList

  bool is_raw_public_key = false;

  bool is_psk = false;
  Buffer psk_key;
  Buffer psk_identity;
  Buffer psk_context;
  bool psk_sha256 = false;
  bool psk_sha384 = false;
};

/// One connection's flags, each named as the runner names it. Empty or zero: not given.
struct Flags {
  // Plumbing.
  int port = 0;
  bool ipv6 = false;
  std::uint64_t shim_id = 0;
  bool server = false;
  bool is_handshaker_supported = false;
  int resume_count = 0;  ///< connections after the first

  // Input and output.
  bool async = false;
  bool implicit_handshake = false;
  bool shim_writes_first = false;
  std::string shim_initial_write = "hello";
  int repeat_shim_initial_write = 1;
  bool read_with_unfinished_write = false;
  int read_size = 512;
  bool write_different_record_sizes = false;
  int max_send_fragment = 0;
  bool shim_shuts_down = false;
  bool check_close_notify = false;
  bool send_alert = false;
  bool handshake_never_done = false;
  bool handshake_twice = false;
  int max_cert_list = 0;
  std::string expect_msg_callback;

  // Versions, suites, groups, signatures.
  int min_version = 0;
  int max_version = 0;
  bool no_tls1 = false;
  bool no_tls11 = false;
  bool no_tls12 = false;
  bool no_tls13 = false;
  int expect_version = 0;
  bool fallback_scsv = false;
  bool false_start = false;
  bool allow_false_start_without_alpn = false;
  bool expect_extended_master_secret = false;
  bool expect_secure_renegotiation = false;
  bool expect_no_secure_renegotiation = false;
  bool no_legacy_server_connect = false;
  bool renegotiate_ignore = false;
  std::string cipher;
  bool server_preference = false;
  int expect_cipher = 0;
  int expect_cipher_aes = 0;
  int expect_cipher_no_aes = 0;
  std::vector<int> curves;
  std::vector<int> curves_flags;
  std::vector<int> server_supported_groups_hint;
  std::vector<int> key_shares;
  bool no_key_shares = false;
  int expect_curve_id = 0;
  bool expect_hrr = false;
  bool expect_no_hrr = false;
  std::vector<int> verify_prefs;
  int expect_peer_signature_algorithm = 0;
  std::vector<int> expect_peer_verify_prefs;

  // Certificates. The first credential is the one without -new-x509-credential, number -1 to the runner.
  std::vector<CredentialFlags> credentials = std::vector<CredentialFlags>(1);
  std::optional<int> expect_selected_credential;
  std::optional<Buffer> requested_trust_anchors;  ///< each behind its length, as the next two
  Buffer available_trust_anchors;
  Buffer expect_peer_available_trust_anchors;
  bool expect_peer_match_trust_anchor = false;
  bool expect_no_peer_match_trust_anchor = false;
  std::vector<int> accepted_peer_cert_types;
  std::vector<int> available_client_cert_types;
  std::optional<int> expect_peer_certificate_type;
  Buffer expect_peer_rpk_sha256;
  bool verify_peer = false;
  bool require_any_client_certificate = false;
  bool verify_fail = false;
  bool expect_verify_result = false;
  bool use_custom_verify_callback = false;
  bool fail_cert_callback = false;
  bool use_early_callback = false;
  bool fail_early_callback = false;
  bool fail_ddos_callback = false;
  std::string expect_peer_cert_file;
  bool expect_no_peer_cert = false;
  bool retain_only_sha256_client_cert = false;
  bool expect_sha256_client_cert = false;
  std::string use_client_ca_list;
  std::string expect_client_ca_list;
  Buffer expect_certificate_types;

  // Extensions, exporters, keys.
  std::string host_name;
  std::string expect_server_name;
  bool expect_no_server_name = false;
  bool no_server_name_ack = false;
  std::string advertise_alpn;
  std::string expect_alpn;
  std::string expect_advertised_alpn;
  std::string select_alpn;
  bool decline_alpn = false;
  bool reject_alpn = false;
  bool select_empty_alpn = false;
  bool allow_unknown_alpn_protos = false;
  bool enable_ocsp_stapling = false;
  Buffer expect_ocsp_response;
  bool use_ocsp_callback = false;
  bool set_ocsp_in_callback = false;
  bool decline_ocsp_callback = false;
  bool fail_ocsp_callback = false;
  bool enable_signed_cert_timestamps = false;
  Buffer expect_signed_cert_timestamps;
  bool enable_grease = false;
  bool permute_extensions = false;
  bool key_update = false;
  bool key_update_before_read = false;
  int export_keying_material = 0;
  std::string export_label;
  std::string export_context;
  bool use_export_context = false;
  bool use_exporter_between_reads = false;
  bool export_traffic_secrets = false;
  bool tls_unique = false;

  // Sessions.
  bool no_ticket = false;
  bool renew_ticket = false;
  bool skip_ticket = false;
  bool use_ticket_aead_callback = false;
  Buffer ticket_key;
  int resumption_delay = 0;  ///< seconds to the next connection
  bool resumption_across_names_enabled = false;
  bool reverify_on_resume = false;
  bool expect_session_miss = false;
  bool expect_no_session = false;
  bool expect_session_id = false;
  bool expect_no_session_id = false;
  bool expect_ticket_renewal = false;
  int expect_ticket_age_skew = 0;
  bool expect_resumable_across_names = false;
  bool expect_not_resumable_across_names = false;

  // Early data.
  bool enable_early_data = false;
  bool expect_ticket_supports_early_data = false;
  bool expect_accept_early_data = false;
  bool expect_reject_early_data = false;
  bool expect_no_offer_early_data = false;
  std::string expect_early_data_reason;
  int early_write_after_message = 0;
};

/// What the flags come to on the first connection, on those that resume it, and on what becomes of one of them when its
/// early data was rejected.
struct CommandLine {
  Flags initial;
  Flags resume;
  Flags retry;
};

/// Fills in `flags` from the command line, as far as it goes before something that is not implemented: throws
/// Unimplemented then, for a flag that is known and out of reach as for one that is not known. Throws Failure for a
/// value that does not parse.
void parse(const std::vector<std::string>& arguments, CommandLine& flags);

}  // namespace handfast::bogo
