#include "proxy/demo/act.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "doctor/certificate.h"
#include "doctor/message.h"
#include "proxy/demo/proxy_at_work.h"

namespace handfast::proxy::demo {
namespace {

/// Columns that stand free for a label.
constexpr std::size_t indent = 13;
/// What the client's data is protected with.
constexpr std::string_view traffic_secret = "client_application_traffic_secret_0";

std::string whose(const std::vector<Buffer>& chain) {
  if (chain.empty()) return "none";
  const doctor::CertificateSummary leaf = doctor::summarize(chain.front());
  return fmt::format("{}, {}", leaf.subject, leaf.self_issued ? "self-issued" : "from " + leaf.issuer);
}

const doctor::DerivedSecret* find_secret(const doctor::Recording& recording) {
  for (const doctor::Step& step : recording.steps())
    if (const auto* secret = std::get_if<doctor::DerivedSecret>(&step.what))
      if (secret->name == traffic_secret) return secret;
  return nullptr;
}

/// The keys at both ends, and whether they are what the messages say they are.
bool show_keys(doctor::TourStage& stage, const Played& played, bool is_one_handshake) {
  const doctor::DerivedSecret* client = find_secret(played.visit.recording);
  const doctor::DerivedSecret* origin = find_secret(played.origin);
  if (client == nullptr || origin == nullptr) return false;
  const bool are_shown = !client->bytes.empty() && !origin->bytes.empty();
  const std::string_view how =
      is_one_handshake ? "the same at the client and at the origin" : "one at the client, another at the origin";
  stage.print(doctor::paragraph(
      stage.style(), "keys",
      fmt::format("{}: {}{}", traffic_secret, how, are_shown ? "" : "; redacted (--keys shows secrets)"), indent));
  if (!are_shown) return true;
  stage.print(doctor::paragraph(stage.style(), "  client", doctor::hex(client->bytes), indent));
  stage.print(doctor::paragraph(stage.style(), "  origin", doctor::hex(origin->bytes), indent));
  return (client->bytes == origin->bytes) == is_one_handshake;
}

}  // namespace

NetResult<Played> play(Act act, std::shared_ptr<const ClientConfig> client, const std::string& server_name) {
  NetResult<std::unique_ptr<ProxyAtWork>> proxy = ProxyAtWork::start(std::move(act.service));
  if (!proxy) return std::unexpected(std::move(proxy.error()));
  Played played;
  played.visit = visit({(**proxy).port(), std::move(act.tunnel_to), server_name, std::move(client)});
  // The proxy first: it may keep its connection to the origin for others.
  played.log = (**proxy).stop();
  if (const auto& recordings = act.origin->stop(); !recordings.empty()) played.origin = *recordings.front();
  return played;
}

void show(doctor::TourStage& stage, const Played& played, const Account& account) {
  const doctor::Style& style = stage.style();
  stage.print(doctor::two_legs({played.visit.recording, played.origin, account.tls_ends, played.visit.words}, style));
  stage.print("\n");
  const bool is_one_handshake = doctor::is_one_handshake(played.visit.recording, played.origin);
  stage.print(doctor::paragraph(style, "decrypts", account.decrypts, indent));
  stage.print(doctor::paragraph(style, "client sees", account.client_sees, indent));
  stage.print(doctor::paragraph(style, "proxy sees", account.proxy_sees, indent));
  const bool keys_fit = show_keys(stage, played, is_one_handshake);
  std::string_view label = "proxy's log";
  for (const std::string& line : played.log)
    stage.print(doctor::paragraph(style, std::exchange(label, ""), doctor::printable_utf8(line, 2000), indent));

  if (!played.visit.answer)
    static_cast<void>(stage.went_wrong("The client did not get its page: " + played.visit.answer.error().message()));
  else if (played.visit.answer->status != 200)
    static_cast<void>(stage.went_wrong(fmt::format("The client got {}, no page.", played.visit.answer->status)));
  else if (is_one_handshake != (account.tls_ends == doctor::TlsEnds::at_origin) || !keys_fit)
    static_cast<void>(stage.went_wrong("The client's TLS did not end where it should."));
  else
    stage.result(true, account.how_it_ended);
}

std::string shown_to_client(const Played& played) {
  return whose(doctor::certificates_received(played.visit.recording));
}

std::string shown_by_origin(const Played& played) { return whose(doctor::certificates_sent(played.origin)); }

}  // namespace handfast::proxy::demo
