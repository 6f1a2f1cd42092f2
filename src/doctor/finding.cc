#include "doctor/finding.h"

#include <array>
#include <cstddef>
#include <utility>

namespace handfast::doctor {
namespace {

struct Row {
  Finding finding;
  std::string_view code, name;
};

constexpr Row rows[] = {
    {Finding::name_not_resolved, "HF0801", "name_not_resolved"},
    {Finding::tcp_refused, "HF0802", "tcp_refused"},
    {Finding::tcp_timed_out, "HF0803", "tcp_timed_out"},
    {Finding::tcp_failed, "HF0804", "tcp_failed"},
    {Finding::cannot_listen, "HF0805", "cannot_listen"},
    {Finding::timed_out, "HF0806", "timed_out"},
    {Finding::reset, "HF0807", "reset"},
    {Finding::session_not_saved, "HF0811", "session_not_saved"},
    {Finding::early_data_not_sent, "HF0812", "early_data_not_sent"},
    {Finding::early_data_rejected, "HF0813", "early_data_rejected"},
    {Finding::bad_http_response, "HF0814", "bad_http_response"},
    {Finding::page_not_saved, "HF0815", "page_not_saved"},
    {Finding::plain_http, "HF0901", "plain_http"},
    {Finding::plain_smtp, "HF0902", "plain_smtp"},
    {Finding::plain_imap, "HF0903", "plain_imap"},
    {Finding::plain_pop3, "HF0904", "plain_pop3"},
    {Finding::plain_ftp, "HF0905", "plain_ftp"},
    {Finding::plain_ssh, "HF0906", "plain_ssh"},
    {Finding::client_certificate_required, "HF0911", "client_certificate_required"},
    {Finding::client_certificate_refused, "HF0912", "client_certificate_refused"},
    {Finding::missing_intermediate, "HF0921", "missing_intermediate"},
    {Finding::misordered_chain, "HF0922", "misordered_chain"},
    {Finding::superfluous_certificates, "HF0923", "superfluous_certificates"},
    {Finding::intercepted, "HF0924", "intercepted"},
    {Finding::wrong_clock, "HF0925", "wrong_clock"},
    {Finding::server_name_required, "HF0931", "server_name_required"},
    {Finding::server_name_refused, "HF0932", "server_name_refused"},
    {Finding::version_intolerance, "HF0933", "version_intolerance"},
    {Finding::large_hello_dropped, "HF0934", "large_hello_dropped"},
    {Finding::split_hello_dropped, "HF0935", "split_hello_dropped"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(rows); ++i)
    if (static_cast<std::size_t>(rows[i].finding) != i) return false;
  return true;
}
static_assert(in_order(), "a row for every Finding, in the order of the enumeration");

/// "HF1000" to "HF1255", one behind the other.
constexpr auto alert_codes = [] {
  constexpr std::size_t digits = 6;
  std::array<char, digits * 256> out{};
  for (std::size_t alert = 0; alert < 256; ++alert) {
    char* text = &out[digits * alert];
    text[0] = 'H';
    text[1] = 'F';
    text[2] = '1';
    text[3] = static_cast<char>('0' + alert / 100);
    text[4] = static_cast<char>('0' + alert / 10 % 10);
    text[5] = static_cast<char>('0' + alert % 10);
  }
  return out;
}();

}  // namespace

std::string_view name(Finding finding) noexcept { return rows[std::to_underlying(finding)].name; }
std::string_view code(Finding finding) noexcept { return rows[std::to_underlying(finding)].code; }
std::string_view code(Alert alert) noexcept {
  constexpr std::size_t digits = 6;
  return {&alert_codes[digits * std::to_underlying(alert)], digits};
}

}  // namespace handfast::doctor
