#include "doctor/interceptors.h"

#include <algorithm>

namespace handfast::doctor {
namespace {

struct Row {
  std::string_view word;  ///< in the issuer's name, in whatever case
  std::string_view product;
};

// The names that these products give the authorities which they make.
constexpr Row rows[] = {
    {"adguard", "AdGuard"},
    {"avast", "Avast"},
    {"avg technologies", "AVG"},
    {"barracuda", "A Barracuda gateway"},
    {"bitdefender", "Bitdefender"},
    {"blue coat", "A Blue Coat (Symantec) proxy"},
    {"bluecoat", "A Blue Coat (Symantec) proxy"},
    {"charles proxy", "Charles Proxy"},
    {"check point", "A Check Point firewall"},
    {"cisco umbrella", "Cisco Umbrella"},
    {"do_not_trust_fiddler", "Fiddler"},
    {"eset ssl filter", "ESET"},
    {"forcepoint", "Forcepoint"},
    {"fortigate", "A FortiGate firewall"},
    {"fortinet", "A FortiGate firewall"},
    {"iboss", "iboss"},
    {"kaspersky", "Kaspersky"},
    {"lightspeed systems", "Lightspeed"},
    {"mcafee web gateway", "McAfee Web Gateway"},
    {"mitmproxy", "mitmproxy"},
    {"netskope", "Netskope"},
    {"palo alto networks", "A Palo Alto firewall"},
    {"portswigger", "Burp Suite"},
    {"securly", "Securly"},
    {"skyhigh", "Skyhigh Security"},
    {"smoothwall", "Smoothwall"},
    {"sonicwall", "A SonicWall firewall"},
    {"sophos", "Sophos"},
    {"squid", "Squid"},
    {"superfish", "Superfish"},
    {"untangle", "Untangle"},
    {"watchguard", "A WatchGuard firewall"},
    {"websense", "Websense"},
    {"zscaler", "Zscaler"},
};

bool same_letter(char a, char b) noexcept { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; }

}  // namespace

std::string_view interceptor(std::string_view issuer) noexcept {
  for (const Row& row : rows)
    if (!std::ranges::search(issuer, row.word, same_letter).empty()) return row.product;
  return {};
}

}  // namespace handfast::doctor
