#include "doctor/session_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "doctor/json.h"
#include "doctor/resumption.h"
#include "x509/certificate.h"

namespace handfast::doctor {
namespace {

constexpr std::size_t indent = 15;

std::string saved_text(const SessionReport& report) {
  const HandshakeCost& full = *report.full_handshake;
  std::string out = savings(report.handshake, full);
  if (out.empty()) out = "nothing";
  if (report.handshake.microseconds >= full.microseconds)
    out += fmt::format("; it took {:.1f} ms, and {:.1f} ms in full",
                       static_cast<double>(report.handshake.microseconds) / 1000,
                       static_cast<double>(full.microseconds) / 1000);
  return out;
}

std::string why_in_full(const SessionReport& report) {
  switch (report.miss) {
    case SessionFile::Miss::no_file: return fmt::format("{} is not there yet", report.file);
    case SessionFile::Miss::server_name:
    case SessionFile::Miss::port: return fmt::format("the one in {} is for {}", report.file, report.other);
    case SessionFile::Miss::policy:
      return fmt::format(
          "the one in {} was made under another policy; versions, suites, application protocols (--request has its "
          "own), trust, verification and our certificates must be the same",
          report.file);
    case SessionFile::Miss::taken:
      return fmt::format("the one in {} is for one connection, and another process has taken it for its own",
                         report.file);
    case SessionFile::Miss::not_removable:
      return fmt::format(
          "the one in {} is for one connection, and not offered, since it can't be removed from there: name a file in "
          "a folder of your own",
          report.file);
    case SessionFile::Miss::none: break;
  }
  return report.refusal == SessionRefusal::none ? "none was offered" : std::string(words(report.refusal));
}

std::string new_session_text(const SessionReport& report) {
  switch (report.outcome.saved) {
    case SessionFile::Saved::written: {
      std::string out = fmt::format("in {}, until {}", report.file, x509::time_text(report.session->expires()));
      if (report.session->max_early_data() != 0)
        out += fmt::format(", good for {} bytes of early data", report.session->max_early_data());
      return out;
    }
    case SessionFile::Saved::kept: return fmt::format("none came; {} is as it was", report.file);
    case SessionFile::Saved::removed:
      if (report.offered)
        return fmt::format("none came; {} is removed, since a session of TLS 1.3 is offered once", report.file);
      return fmt::format("none came; {} is removed, since the session in it can't be used any more", report.file);
    case SessionFile::Saved::nothing: return "none came";
    case SessionFile::Saved::failed: return fmt::format("not saved in {}: {}", report.file, report.outcome.problem);
  }
  return {};
}

/// By how much the one is less than the other; negative where it is more.
nlohmann::ordered_json difference_json(HandshakeCost resumed, HandshakeCost full) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  const auto now = members(resumed), before = members(full);
  for (std::size_t i = 0; i < now.size(); ++i)
    out[std::string(now[i].name)] = static_cast<std::int64_t>(*before[i].number - *now[i].number);
  return out;
}

}  // namespace

SessionReport conclude(SessionFile& file, const Recording& recording, const ConnectionInfo& info) {
  SessionReport out;
  out.file = file.path();
  out.exposed = file.exposed();
  out.miss = file.miss();
  if (file.loaded())
    out.other = out.miss == SessionFile::Miss::port ? fmt::format("port {}", file.loaded()->key().port)
                                                    : printable(file.loaded()->key().server_name);
  out.offered = file.loaded() && offers(recording, *file.loaded());
  out.resumption = info.resumption;
  out.full_handshake = file.full_handshake();
  std::optional<HandshakeCost> full;
  if (recording.completed()) {
    out.handshake = cost_of(recording);
    if (!out.resumed()) full = out.handshake;
  }
  if (!out.resumed()) out.refusal = session_refusal(recording);
  out.outcome = file.save(full);
  if (out.outcome.saved == SessionFile::Saved::written) out.session = file.received();
  if (out.outcome.saved == SessionFile::Saved::kept) out.session = file.loaded();
  return out;
}

std::string EarlyDataReport::why_not() const {
  if (!outcome) return "the connection did not come so far";
  if (!sent && *outcome != EarlyData::no_session_offered && limit != 0 && size > limit)
    return fmt::format("the session allows {} bytes, and it has {}", limit, size);
  std::string_view text = words(*outcome);
  // "not taken: " and "none: " say in a ladder what is said here already.
  if (const std::size_t colon = text.find(": "); colon != std::string_view::npos) text.remove_prefix(colon + 2);
  return std::string(text);
}

std::string early_data_text(const EarlyDataReport& report, const Style& style) {
  std::string text;
  switch (report.delivery) {
    case EarlyDataReport::Delivery::early:
      text = fmt::format("{} bytes, taken before the handshake was done", report.size);
      break;
    case EarlyDataReport::Delivery::ordinary:
      text = fmt::format("{} bytes, {} ({}) and sent {}after the handshake", report.size,
                         report.sent ? "not taken" : "not sent early", report.why_not(), report.sent ? "again " : "");
      break;
    case EarlyDataReport::Delivery::none:
      text = fmt::format("{} bytes, {}: {}", report.size, report.sent ? "not taken" : "not sent", report.why_not());
      break;
  }
  return paragraph(style, "  early data", text, indent);
}

nlohmann::ordered_json early_data_json(const EarlyDataReport& report) {
  using Json = nlohmann::ordered_json;
  Json delivered = nullptr;
  if (report.delivery == EarlyDataReport::Delivery::early) delivered = "early";
  if (report.delivery == EarlyDataReport::Delivery::ordinary) delivered = "ordinary";
  const Json outcome = report.outcome ? Json(name(*report.outcome)) : Json(nullptr);
  return {{"size", report.size}, {"sent", report.sent}, {"outcome", outcome}, {"delivered", delivered}};
}

std::string session_text(const SessionReport& report, const Style& style) {
  std::string out = paragraph(
      style, "  session",
      report.resumed() ? fmt::format("resumed {}", words(report.resumption)) : "in full: " + why_in_full(report),
      indent);
  if (report.resumed() && report.full_handshake) out += paragraph(style, "  saved", saved_text(report), indent);
  out += paragraph(style, "  new session", new_session_text(report), indent);
  if (report.exposed)
    out += paragraph(
        style, "  beware",
        fmt::format("others could read {}, and with it the connections of the session in it (chmod 600)", report.file),
        indent);
  return out;
}

nlohmann::ordered_json session_json(const SessionReport& report) {
  using Json = nlohmann::ordered_json;
  constexpr std::string_view states[] = {"written", "kept", "removed", "nothing", "failed"};
  Json out = {{"file", report.file},
              {"offered", report.offered},
              {"miss", report.miss == SessionFile::Miss::none ? Json(nullptr) : Json(name(report.miss))},
              {"refusal", report.refusal == SessionRefusal::none ? Json(nullptr) : Json(name(report.refusal))},
              {"resumed", report.resumed()},
              {"handshake", cost_json(report.handshake)},
              {"full_handshake", report.full_handshake ? cost_json(*report.full_handshake) : Json(nullptr)}};
  out["saved"] = report.resumed() && report.full_handshake ? difference_json(report.handshake, *report.full_handshake)
                                                           : Json(nullptr);
  out["file_state"] = states[std::to_underlying(report.outcome.saved)];
  out["session"] = nullptr;
  if (report.session)
    out["session"] = {
        {"version", name(report.session->version())}, {"server_name", report.session->key().server_name},
        {"port", report.session->key().port},         {"expires", x509::time_text(report.session->expires())},
        {"single_use", report.session->single_use()}, {"max_early_data", report.session->max_early_data()}};
  return out;
}

}  // namespace handfast::doctor
