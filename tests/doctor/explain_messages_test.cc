// What ten programs really print, with all that stands around it, is explained by the right entry. Where the programs
// were at hand the messages are copied from their output, else put together from their sources.
#include <gtest/gtest.h>

#include <string_view>

#include "doctor/catalogue/explain.h"

namespace handfast::doctor {
namespace {

struct Printed {
  std::string_view code;
  std::string_view program;  ///< empty: several say the same, or no program is named
  std::string_view text;
};

constexpr Printed printed[] = {
    // OpenSSL: s_client, and logs of servers.
    {"HF0209", "OpenSSL",
     "depth=0 CN = localhost\nverify error:num=10:certificate has expired\nnotAfter=Nov 28 03:10:31 2026 GMT\n"},
    {"HF0209", "OpenSSL", "    Verify return code: 10 (certificate has expired)"},
    {"HF0210", "OpenSSL", "error 9 at 0 depth lookup: certificate is not yet valid"},
    {"HF0211", "OpenSSL", "verify error:num=20:unable to get local issuer certificate"},
    {"HF0921", "OpenSSL", "Verify return code: 21 (unable to verify the first certificate)"},
    {"HF0211", "OpenSSL", "Verification error: self-signed certificate in certificate chain"},
    {"HF0212", "OpenSSL", "verify error:num=18:self-signed certificate"},
    {"HF0212", "OpenSSL", "verify error:num=18:self signed certificate"},
    {"HF0213", "OpenSSL", "verify error:num=62:hostname mismatch"},
    {"HF0219", "OpenSSL", "error 26 at 0 depth lookup: unsuitable certificate purpose"},
    {"HF0227", "OpenSSL", "error 23 at 0 depth lookup: certificate revoked\nerror server.pem: verification failed"},
    {"HF0224", "OpenSSL", "verify error:num=66:EE certificate key too weak"},
    {"HF0101", "OpenSSL",
     "40872803EB7F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version "
     "number:../ssl/record/ssl3_record.c:350:"},
    {"HF0116", "OpenSSL",
     "40C77AE7117F0000:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while "
     "reading:../ssl/record/rec_layer_s3.c:318:"},
    {"HF1116", "OpenSSL",
     "4037F665C77F0000:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate "
     "required:../ssl/record/rec_layer_s3.c:1601:SSL alert number 116"},
    {"HF1040", "OpenSSL",
     "140735:error:14094410:SSL routines:ssl3_read_bytes:sslv3 alert handshake "
     "failure:s3_pkt.c:1493:SSL alert number 40"},
    {"HF1040", "OpenSSL", "error:0A000410:SSL routines::ssl/tls alert handshake failure"},
    {"HF1048", "OpenSSL",
     "2026/11/30 03:12:01 [info] 7#7: *3 SSL_do_handshake() failed (SSL: error:0A000418:SSL "
     "routines::tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking, client: 192.0.2.9"},
    {"HF0402", "OpenSSL",
     "[crit] 9#9: *1 SSL_do_handshake() failed (SSL: error:0A0000C1:SSL routines::no shared cipher) "
     "while SSL handshaking"},
    {"HF0102", "OpenSSL", "error:0A00009C:SSL routines::http request"},
    {"HF0401", "OpenSSL", "error:0A000102:SSL routines::unsupported protocol"},
    {"HF0911", "OpenSSL", "error:0A0000C7:SSL routines::peer did not return a certificate"},
    {"HF0704", "OpenSSL",
     "nginx: [emerg] SSL_CTX_use_PrivateKey(\"server.key\") failed (SSL: error:05800074:x509 "
     "certificate routines::key values mismatch)"},
    {"HF0403", "OpenSSL", "error:0A000065:SSL routines::no suitable key share"},
    // GnuTLS.
    {"HF0209", "GnuTLS",
     "- Status: The certificate is NOT trusted. The certificate chain uses expired certificate. \n*** PKI verification "
     "of server certificate failed...\n*** Fatal error: Error in the certificate."},
    {"HF0213", "GnuTLS",
     "- Status: The certificate is NOT trusted. The name in the certificate does not match the expected. "},
    {"HF0211", "GnuTLS", "- Status: The certificate is NOT trusted. The certificate issuer is unknown. "},
    {"HF0101", "GnuTLS",
     "|<1>| Received record packet of unknown type 72\n*** Fatal error: An unexpected TLS packet was received."},
    {"HF0116", "GnuTLS", "*** Fatal error: The TLS connection was non-properly terminated."},
    {"HF1116", "GnuTLS",
     "*** Received alert [116]: Certificate is required\n*** Fatal error: A TLS fatal alert has been received."},
    {"HF1040", "GnuTLS",
     "*** Fatal error: A TLS fatal alert has been received.\n*** Received alert [40]: Handshake failed"},
    {"HF0807", "GnuTLS", "*** Fatal error: Error in the pull function."},
    // curl, with several libraries.
    {"HF0211", "curl",
     "curl: (60) SSL certificate problem: unable to get local issuer certificate\nMore details here: "
     "https://curl.se/docs/sslcerts.html"},
    {"HF0209", "curl", "curl: (60) SSL certificate problem: certificate has expired"},
    {"HF0212", "curl", "curl: (60) SSL certificate problem: self-signed certificate"},
    {"HF0213", "curl", "curl: (60) SSL: no alternative certificate subject name matches target host name 'localhost'"},
    {"HF0101", "OpenSSL", "curl: (35) OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number"},
    {"HF0117", "OpenSSL", "curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to example.com:443 "},
    {"HF0807", "curl", "curl: (35) Recv failure: Connection reset by peer"},
    {"HF0801", "curl", "curl: (6) Could not resolve host: nosuch.example"},
    {"HF0802", "curl", "curl: (7) Failed to connect to localhost port 8443 after 0 ms: Couldn't connect to server"},
    {"HF0802", "curl", "curl: (7) Failed to connect to localhost port 8443: Connection refused"},
    {"HF0803", "curl", "curl: (28) Connection timed out after 5001 milliseconds"},
    {"HF0806", "curl", "curl: (28) SSL connection timeout"},
    {"HF0211", "curl",
     "curl: (60) schannel: SEC_E_UNTRUSTED_ROOT (0x80090325) - The certificate chain was issued by an "
     "authority that is not trusted."},
    {"HF0232", "curl", "curl: (90) SSL: public key does not match pinned public key"},
    {"HF0226", "curl", "curl: (60) something that nobody has written down yet"},
    {"HF0401", "OpenSSL",
     "curl: (35) OpenSSL/3.0.19: error:0A00014D:SSL routines::legacy sigalg disallowed or unsupported"},
    // Chromium.
    {"HF0211", "Chromium", "Your connection is not private\nNET::ERR_CERT_AUTHORITY_INVALID"},
    {"HF0213", "Chromium", "net::ERR_CERT_COMMON_NAME_INVALID"},
    {"HF0209", "Chromium", "NET::ERR_CERT_DATE_INVALID\nSubject: localhost\nIssuer: ..."},
    {"HF0227", "Chromium", "NET::ERR_CERT_REVOKED"},
    {"HF0401", "Chromium",
     "This site can't provide a secure connection\nexample.com uses an unsupported protocol.\n"
     "ERR_SSL_VERSION_OR_CIPHER_MISMATCH"},
    {"HF0101", "Chromium", "example.com sent an invalid response.\nERR_SSL_PROTOCOL_ERROR"},
    {"HF0912", "Chromium", "ERR_BAD_SSL_CLIENT_AUTH_CERT"},
    {"HF0420", "Chromium", "net_error -180 (ERR_TLS13_DOWNGRADE_DETECTED)"},
    {"HF0807", "Chromium",
     "[1234:5678:1130/031200.123456:ERROR:ssl_client_socket_impl.cc(992)] handshake failed; returned "
     "-1, SSL error code 1, net_error ERR_CONNECTION_RESET"},
    // Firefox.
    {"HF0211", "Firefox", "Error code: SEC_ERROR_UNKNOWN_ISSUER"},
    {"HF0212", "Firefox", "Error code: MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT"},
    {"HF0213", "Firefox", "Error code: SSL_ERROR_BAD_CERT_DOMAIN"},
    {"HF0209", "Firefox", "Fehlercode: SEC_ERROR_EXPIRED_CERTIFICATE"},
    {"HF0901", "Firefox",
     "SSL received a record that exceeded the maximum permissible length.\n\nError code: "
     "SSL_ERROR_RX_RECORD_TOO_LONG"},
    {"HF0402", "Firefox",
     "Cannot communicate securely with peer: no common encryption algorithm(s).\nError code: "
     "SSL_ERROR_NO_CYPHER_OVERLAP"},
    {"HF0401", "Firefox", "Error code: <a id=\"errorCode\">SSL_ERROR_UNSUPPORTED_VERSION</a>"},
    {"HF0230", "Firefox", "MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING"},
    {"HF0924", "Firefox", "MOZILLA_PKIX_ERROR_MITM_DETECTED"},
    {"HF1116", "Firefox", "SSL_ERROR_RX_CERTIFICATE_REQUIRED_ALERT"},
    {"HF1040", "Firefox", "SSL_ERROR_HANDSHAKE_FAILURE_ALERT"},
    // Go.
    {"HF0211", "Go",
     "Get \"https://localhost:36551/\": tls: failed to verify certificate: x509: certificate signed by "
     "unknown authority"},
    {"HF0209", "Go",
     "x509: certificate has expired or is not yet valid: current time 2026-11-30T03:11:45Z is after "
     "2026-11-28T03:10:31Z"},
    {"HF0210", "Go",
     "x509: certificate has expired or is not yet valid: current time 2026-11-30T03:11:45Z is before "
     "2026-12-28T03:10:31Z"},
    {"HF0213", "Go", "tls: failed to verify certificate: x509: certificate is valid for other.example, not localhost"},
    {"HF0213", "Go", "x509: cannot validate certificate for 192.0.2.7 because it doesn't contain any IP SANs"},
    {"HF0214", "Go", "x509: certificate relies on legacy Common Name field, use SANs instead"},
    {"HF0220", "Go",
     "x509: certificate signed by unknown authority (possibly because of \"crypto/rsa: verification "
     "error\" while trying to verify candidate authority certificate \"Our CA\")"},
    {"HF0901", "Go", "Get \"https://localhost:8080/\": http: server gave HTTP response to HTTPS client"},
    {"HF0101", "Go", "tls: first record does not look like a TLS handshake"},
    {"HF1070", "Go", "remote error: tls: protocol version not supported"},
    {"HF1116", "Go", "readLoopPeekFailLocked: remote error: tls: certificate required"},
    {"HF1042", "Go",
     "2026/11/30 03:12:00 http: TLS handshake error from 192.0.2.9:51234: remote error: tls: bad certificate"},
    {"HF0117", "Go", "Get \"https://localhost:34071/\": EOF"},
    {"HF0802", "Go", "dial tcp 127.0.0.1:8443: connect: connection refused"},
    {"HF0801", "Go", "dial tcp: lookup nosuch.example on 127.0.0.53:53: no such host"},
    // Java.
    {"HF0211", "Java",
     "javax.net.ssl.SSLHandshakeException: PKIX path building failed: "
     "sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested "
     "target\n\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)"},
    {"HF0209", "Java",
     "Caused by: java.security.cert.CertificateExpiredException: NotAfter: Sat Nov 28 03:10:31 UTC 2026"},
    {"HF0213", "Java",
     "javax.net.ssl.SSLHandshakeException: No subject alternative DNS name matching localhost found."},
    {"HF0213", "Java", "java.security.cert.CertificateException: No name matching localhost found"},
    {"HF0214", "Java", "java.security.cert.CertificateException: No subject alternative names present"},
    {"HF1040", "Java", "javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure"},
    {"HF1070", "Java", "javax.net.ssl.SSLHandshakeException: Received fatal alert: protocol_version"},
    {"HF0101", "Java", "javax.net.ssl.SSLException: Unsupported or unrecognized SSL message"},
    {"HF0117", "Java", "javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake"},
    {"HF0401", "Java",
     "javax.net.ssl.SSLHandshakeException: No appropriate protocol (protocol is disabled or cipher "
     "suites are inappropriate)"},
    {"HF0401", "Java",
     "The server selected protocol version TLS10 is not accepted by client preferences [TLS13, TLS12]"},
    // Node.js.
    {"HF0921", "Node.js", "{\n  code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'\n}\nNode.js v20.20.2"},
    {"HF0212", "Node.js", "  code: 'DEPTH_ZERO_SELF_SIGNED_CERT'"},
    {"HF0211", "Node.js", "npm ERR! code SELF_SIGNED_CERT_IN_CHAIN"},
    {"HF0213", "Node.js",
     "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: "
     "localhost. is not in the cert's altnames: DNS:other.example"},
    {"HF0209", "", "Error: certificate has expired\n    at TLSSocket.onConnectSecure {\n  code: 'CERT_HAS_EXPIRED'\n}"},
    {"HF0101", "",
     "Error: write EPROTO 804CC322DF7F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version "
     "number:../deps/openssl/openssl/ssl/record/ssl3_record.c:350:"},
    {"HF0117", "Node.js", "Error: Client network socket disconnected before secure TLS connection was established"},
    {"HF0801", "Node.js", "Error: getaddrinfo ENOTFOUND nosuch.example"},
    {"HF1040", "Node.js", "code: 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'"},
    // Python.
    {"HF0211", "Python",
     "requests.exceptions.SSLError: HTTPSConnectionPool(host='example.com', port=443): Max retries exceeded with url: "
     "/ "
     "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
     "unable "
     "to get local issuer certificate (_ssl.c:1006)')))"},
    {"HF0209", "Python",
     "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
     "certificate has expired (_ssl.c:1006)"},
    {"HF0212", "Python",
     "<urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed "
     "certificate (_ssl.c:1006)>"},
    {"HF0213", "Python",
     "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not "
     "valid for 'localhost'. (_ssl.c:1006)"},
    {"HF0226", "Python", "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:590)"},
    {"HF0101", "Python", "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"},
    {"HF0116", "Python", "ssl.SSLEOFError: EOF occurred in violation of protocol (_ssl.c:2427)"},
    {"HF1070", "Python",
     "ssl.SSLError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:1006)"},
    {"HF0807", "Python", "ConnectionResetError: [Errno 104] Connection reset by peer"},
    // rustls.
    {"HF0211", "rustls",
     "error sending request for url (https://localhost/): client error (Connect): invalid peer "
     "certificate: UnknownIssuer"},
    {"HF0209", "rustls",
     "invalid peer certificate: certificate expired: verification time 1796008305 (UNIX), but certificate is "
     "not valid after 1795835431 (172874 seconds ago)"},
    {"HF0213", "rustls",
     "invalid peer certificate: certificate not valid for name \"localhost\"; certificate is only valid "
     "for DnsName(\"other.example\")"},
    {"HF0213", "rustls", "Error: Custom { kind: InvalidData, error: InvalidCertificate(NotValidForName) }"},
    {"HF0101", "rustls", "received corrupt message of type InvalidContentType"},
    {"HF1040", "rustls", "received fatal alert: HandshakeFailure"},
    {"HF1048", "rustls", "received fatal alert: the peer found the certificate was not issued by a trusted CA"},
    {"HF0216", "rustls", "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))"},
    {"HF0116", "rustls", "peer closed connection without sending TLS close_notify: https://docs.rs/rustls/"},
};

TEST(ExplainMessages, OfTenPrograms) {
  for (const Printed& one : printed) {
    const std::vector<Match> matches = explain(one.text);
    ASSERT_FALSE(matches.empty()) << one.text;
    EXPECT_EQ(matches.front().entry->code, one.code) << one.text << "\nby: " << matches.front().text;
    EXPECT_EQ(matches.front().by, MatchedBy::message) << one.text;
    if (!one.program.empty()) {
      EXPECT_EQ(matches.front().program, one.program) << one.text;
    }
  }
}

TEST(ExplainMessages, WithNoiseAround) {
  std::string noise;
  for (int i = 0; i < 200; ++i) noise += "Nov 30 03:12:00 web1 app[4711]: GET /index.html 200 1532 \"-\" (ok)\n";
  for (const Printed& one : printed) {
    const std::vector<Match> matches = explain(noise + "> " + std::string(one.text) + "\r\n" + noise);
    ASSERT_FALSE(matches.empty()) << one.text;
    EXPECT_EQ(matches.front().entry->code, one.code) << one.text;
  }
}

}  // namespace
}  // namespace handfast::doctor
