#include "doctor/greeting.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "doctor/style.h"

namespace handfast::doctor {
namespace {

/// A protocol that begins with words of its own, and what to do with a server of it. `{0}` is the host, `{1}` the port.
struct Greeting {
  std::string_view begins;
  std::string_view holds;  ///< somewhere behind it; empty: whatever
  Finding finding;
  std::string_view summary;  ///< behind the peer's name
  std::string_view advice;
};

constexpr std::string_view without_tls =
    "Use it without TLS: curl http://{0}:{1}/\nOr find the port that speaks TLS, most often 443: handfast connect {0}";

constexpr Greeting greetings[] = {
    {"HTTP/", "", Finding::plain_http, "answers in plain HTTP, not TLS.", without_tls},
    {"<!DOCTYPE", "", Finding::plain_http, "answers in plain HTTP, not TLS.", without_tls},
    {"<html", "", Finding::plain_http, "answers in plain HTTP, not TLS.", without_tls},
    {"SSH-", "", Finding::plain_ssh, "is an SSH server.", "ssh -p {1} {0}"},
    {"220", "FTP", Finding::plain_ftp, "is an FTP server that begins without TLS.",
     "It goes over to TLS on a command (AUTH TLS): openssl s_client -connect {0}:{1} -starttls ftp\nOr try the port "
     "that speaks TLS from the first byte, most often 990: handfast connect {0}:990"},
    {"220", "", Finding::plain_smtp, "is a mail server (SMTP) that begins without TLS.",
     "It goes over to TLS on a command (STARTTLS): openssl s_client -connect {0}:{1} -starttls smtp\nOr try the port "
     "that speaks TLS from the first byte, most often 465: handfast connect {0}:465"},
    {"* OK", "", Finding::plain_imap, "is a mail server (IMAP) that begins without TLS.",
     "It goes over to TLS on a command (STARTTLS): openssl s_client -connect {0}:{1} -starttls imap\nOr try the port "
     "that speaks TLS from the first byte, most often 993: handfast connect {0}:993"},
    {"+OK", "", Finding::plain_pop3, "is a mail server (POP3) that begins without TLS.",
     "It goes over to TLS on a command (STLS): openssl s_client -connect {0}:{1} -starttls pop3\nOr try the port "
     "that speaks TLS from the first byte, most often 995: handfast connect {0}:995"},
};

}  // namespace

std::optional<Verdict> judge_greeting(const Target& target, std::string_view first_bytes) {
  for (const Greeting& greeting : greetings) {
    if (!first_bytes.starts_with(greeting.begins) || first_bytes.find(greeting.holds) == std::string_view::npos)
      continue;
    Verdict v;
    v.exit_code = ExitCode::transport;
    v.set(greeting.finding);
    v.fault = Fault::client;
    v.summary = fmt::format("{} {}", target.text(), greeting.summary);
    // Servers of mail and of files both say 220; the one that does not say which is most often of mail.
    if (greeting.finding == Finding::plain_smtp && first_bytes.find("SMTP") == std::string_view::npos)
      v.confidence = Confidence::likely;
    v.found = fmt::format("the bytes \"{}\"", printable(first_bytes, 64));
    v.expected = "a TLS ServerHello";
    const std::string advice = fmt::format(fmt::runtime(greeting.advice), shell_word(target.host), target.port);
    for (std::size_t at = 0; at < advice.size();) {
      const std::size_t end = std::min(advice.find('\n', at), advice.size());
      v.advice.push_back(advice.substr(at, end - at));
      at = end + 1;
    }
    return v;
  }
  return std::nullopt;
}

}  // namespace handfast::doctor
