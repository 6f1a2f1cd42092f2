#include "doctor/probe.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <variant>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>

#include <handfast/stream.h>

#include "net/address.h"
#include "net/connect.h"
#include "net/endpoint.h"

namespace handfast::doctor {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

/// Copies what comes to the caller, until the peer's end.
Stream::Awaitable<> read_answer(Stream& stream, const std::function<bool(Bytes)>& answer) {
  while (true) {
    const NetResult<Bytes> part = co_await stream.read();
    if (!part) co_return std::unexpected(part.error());
    if (part->empty() || !answer(*part)) co_return NetResult<>();
  }
}

/// A descriptor of somebody else's, read without blocking. The flag for that belongs to everyone who has the descriptor
/// open (a shell's loop, for one), so it is put back.
class Input {
 public:
  Input(const asio::any_io_executor& executor, int descriptor)
      : descriptor_(descriptor), flags_(::fcntl(descriptor, F_GETFL)), stream_(executor, ::dup(descriptor)) {}
  ~Input() { ::fcntl(descriptor_, F_SETFL, flags_); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// At most `buffer`; 0 and an error at the end.
  asio::awaitable<std::size_t> read(MutableBytes buffer, boost::system::error_code& error) {
    return stream_.async_read_some(asio::buffer(buffer.data(), buffer.size()),
                                   asio::redirect_error(asio::use_awaitable, error));
  }

 private:
  int descriptor_;
  int flags_;
  asio::posix::stream_descriptor stream_;
};

/// Waits until the peer has said nothing for that long.
asio::awaitable<void> peer_is_silent(Stream& stream, milliseconds timeout) {
  asio::steady_timer timer(stream.get_executor());
  boost::system::error_code error;
  for (std::uint64_t seen = ~std::uint64_t{0}; seen != stream.bytes_received();) {
    seen = stream.bytes_received();
    timer.expires_after(timeout);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

/// The peer is given a while to answer before close_notify says that this was all: in TLS 1.2 it would have to drop
/// what it still has to say (RFC 5246, section 7.2.1), and many do in TLS 1.3. Afterwards it watches that the peer does
/// not fall silent, and returns only if it does, or if sending fails.
Stream::Awaitable<> end_words(Stream& stream, milliseconds timeout) {
  co_await peer_is_silent(stream, std::min(timeout, milliseconds(1000)));
  const NetResult<> closed = co_await stream.close_write();
  if (!closed) co_return std::unexpected(closed.error());
  co_await peer_is_silent(stream, timeout);
  co_return std::unexpected(NetError(Stage::read, asio::error::timed_out));
}

/// Sends what stands in the descriptor. At its end the peer is given a while to answer before close_notify says so: in
/// TLS 1.2 it would have to drop what it still has to say (RFC 5246, section 7.2.1), and many do in TLS 1.3. Afterwards
/// it watches that the peer does not fall silent, and returns only if it does, or if sending fails. An input that says
/// nothing at all, as programs that start others often leave one open, is none: then it returns in good order.
Stream::Awaitable<> send_input(Stream& stream, int descriptor, milliseconds timeout) {
  using namespace asio::experimental::awaitable_operators;
  const asio::any_io_executor executor = stream.get_executor();
  Input input(executor, descriptor);
  std::array<std::uint8_t, 16384> buffer;
  boost::system::error_code error;
  asio::steady_timer patience(executor, timeout);
  const std::variant<std::size_t, std::monostate> first =
      co_await (input.read(buffer, error) || patience.async_wait(asio::use_awaitable));
  if (first.index() == 1) co_return NetResult<>();
  std::size_t size = std::get<0>(first);
  while (!error && size != 0) {
    const NetResult<> sent = co_await stream.write(Bytes(buffer.data(), size));
    if (!sent) co_return std::unexpected(sent.error());
    size = co_await input.read(buffer, error);
  }
  co_await peer_is_silent(stream, std::min(timeout, milliseconds(1000)));
  const NetResult<> closed = co_await stream.close_write();
  if (!closed) co_return std::unexpected(closed.error());
  co_await peer_is_silent(stream, timeout);
  co_return std::unexpected(NetError(Stage::read, asio::error::timed_out));
}

Stream::Awaitable<> converse(Stream& stream, const ProbeOptions& options) {
  using namespace asio::experimental::awaitable_operators;
  if (options.input < 0) {
    std::variant<NetResult<>, NetResult<>> heard =
        co_await (read_answer(stream, options.answer) || end_words(stream, options.timeout));
    co_return std::visit([](NetResult<>& result) { return std::move(result); }, heard);
  }
  std::variant<NetResult<>, NetResult<>> first =
      co_await (read_answer(stream, options.answer) || send_input(stream, options.input, options.timeout));
  co_return std::visit([](NetResult<>& result) { return std::move(result); }, first);
}

/// Until the server has given a session, or the time is over.
asio::awaitable<void> session_comes(Stream& stream, const SessionFile& session, milliseconds patience) {
  constexpr milliseconds pace(10);
  asio::steady_timer timer(stream.get_executor());
  boost::system::error_code error;
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!session.received() && std::chrono::steady_clock::now() < end && !error) {
    timer.expires_after(pace);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

/// Host (RFC 9110, section 7.2): the port only where it is not the scheme's own.
std::string host_field(const Target& target) {
  std::string text = net::to_text({target.server_name, target.port});
  if (target.port == 443) text.resize(text.size() - 4);
  return text;
}

/// Early data that was not taken is sent as ordinary data only where the caller says so.
Stream::Awaitable<> deliver_early_data(Stream& stream, const ProbeOptions& options, EarlyDataReport& report) {
  using Delivery = EarlyDataReport::Delivery;
  if (report.sent && report.outcome == EarlyData::accepted) {
    report.delivery = Delivery::early;
    co_return NetResult<>();
  }
  if (!options.early_data_retry) co_return NetResult<>();
  NetResult<> sent;
  if (report.sent)
    sent = co_await stream.resend_early_data();
  else
    sent = co_await stream.write(*options.early_data);
  if (sent) report.delivery = Delivery::ordinary;
  co_return sent;
}

/// What follows the handshake.
Stream::Awaitable<> use(Stream& stream, const ProbeOptions& options, Report& report) {
  if (options.get) {
    const std::string host = host_field(report.target);
    NetResult<HttpResponse> response = co_await http_get(stream, host, *options.get, options.timeout);
    if (!response) co_return std::unexpected(response.error());
    report.response = std::move(*response);
    co_return NetResult<>();
  }
  if (report.early_data) {
    NetResult<> delivered = co_await deliver_early_data(stream, options, *report.early_data);
    if (!delivered) co_return delivered;
    // There is nothing to answer.
    if (report.early_data->delivery == EarlyDataReport::Delivery::none) co_return NetResult<>();
  }
  if (report.early_data || options.input >= 0) {
    NetResult<> conversed = co_await converse(stream, options);
    co_return conversed;
  }
  // A server of TLS 1.3 looks at our certificate only after our Finished, when our handshake is done already (RFC 8446,
  // section 4.4.2.4): a short while is left to it to object. Its silence is no error.
  if (stream.info().version == ProtocolVersion::tls1_3 &&
      report.recording.message(HandshakeType::certificate_request, Direction::received) != nullptr) {
    const NetResult<Bytes> objection = co_await stream.read();
    if (!objection && objection.error().tls() != nullptr) co_return std::unexpected(objection.error());
  }
  co_return NetResult<>();
}

/// In TLS 1.3 a server gives sessions after the handshake, whenever it likes: a short while is left to it.
Stream::Awaitable<> await_session(Stream& stream, const SessionFile& session, milliseconds patience) {
  using namespace asio::experimental::awaitable_operators;
  const auto drop = [](Bytes) { return true; };
  const std::function<bool(Bytes)> answer = drop;
  const std::variant<NetResult<>, std::monostate> first =
      co_await (read_answer(stream, answer) || session_comes(stream, session, patience));
  const auto* read = std::get_if<0>(&first);
  if (read != nullptr && !*read && read->error().tls() != nullptr) co_return std::unexpected(read->error());
  co_return NetResult<>();
}

Verdict bad_http(const Report& report, const NetError& error) {
  Verdict v;
  v.exit_code = ExitCode::transport;
  v.set(Finding::bad_http_response);
  v.found = error.transport().message();
  v.expected = "an HTTP/1.1 response";
  if (error.transport() == boost::beast::http::error::body_limit ||
      error.transport() == boost::beast::http::error::header_limit) {
    v.summary =
        fmt::format("The handshake is fine, but the answer of {} is too long to be read here.", report.target.text());
    v.expected += fmt::format(", its body of at most {} MiB", max_response_body >> 20);
    return v;
  }
  v.summary = fmt::format("The handshake is fine, but {} does not answer in HTTP/1.1.", report.target.text());
  v.advice = {"Without --request, what it says can be seen: echo | handfast connect HOST:PORT"};
  if (report.info.application_protocol == "h2") {
    v.fault = Fault::client;
    v.found += "; h2 was agreed on (ALPN), that is HTTP/2";
    v.advice = {"--request speaks HTTP/1.1 alone: leave --alpn out, or name http/1.1 first."};
  }
  return v;
}

Verdict judge_use(const Report& report, const NetError& error) {
  const std::string_view category = error.tls() == nullptr ? error.transport().category().name() : "";
  return category == std::string_view("beast.http") ? bad_http(report, error)
                                                    : judge(report.target, error, report.recording);
}

/// Of an address that was tried.
std::string attempt_words(const boost::system::error_code& error) {
  if (error == asio::error::operation_aborted) return "no answer before another address gave one";
  return error ? error.message() : std::string();
}

bool was_pinned(const Recording& recording) {
  const Verification* verification = recording.find<Verification>();
  return verification != nullptr &&
         std::ranges::any_of(verification->report.leaf.checks, [](const VerificationCheck& check) {
           return check.kind == CheckKind::pin && check.outcome == CheckOutcome::passed;
         });
}

asio::awaitable<void> run(const ProbeOptions& options, Report& report) {
  const auto start = std::chrono::steady_clock::now();
  net::Connected connected = co_await net::connect_tcp(
      options.host, options.port, {.resolve_timeout = options.timeout, .connect_timeout = options.timeout});
  for (const net::Attempt& attempt : connected.attempts) {
    report.attempts.push_back({net::to_text(attempt.endpoint), attempt_words(attempt.error)});
    report.target.tried.push_back(report.attempts.back().address);
  }
  if (!connected.socket) {
    report.verdict = judge(report.target, connected.socket.error(), report.recording);
    co_return;
  }
  const auto round_trip = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);

  const milliseconds short_while = std::clamp(3 * round_trip, milliseconds(500), milliseconds(2000));
  const bool converses = options.early_data || options.input >= 0;
  const bool reads = options.get || converses;
  StreamOptions stream_options;
  stream_options.handshake_timeout = options.timeout;
  stream_options.write_timeout = options.timeout;
  // With input the reader waits as long as the input lasts; else it only waits for an objection.
  stream_options.read_timeout = options.get ? options.timeout : converses ? milliseconds(0) : short_while;
  stream_options.linger_timeout = milliseconds(reads ? 1000 : 300);
  stream_options.trace = &report.recording;
  if (options.early_data) stream_options.early_data = *options.early_data;
  Result<Stream> stream =
      Stream::client(std::move(*connected.socket), options.config, {options.server_name, options.port}, stream_options);
  if (!stream) {
    report.verdict = judge_config(stream.error());
    co_return;
  }

  const NetResult<> shaken = co_await stream->handshake();
  if (report.early_data) {
    report.early_data->sent = stream->early_data_sent();
    report.early_data->outcome = stream->info().early_data;
  }
  NetResult<> used;
  if (shaken) {
    used = co_await use(*stream, options, report);
    if (used && options.session && stream->info().version == ProtocolVersion::tls1_3 && !options.session->received())
      used = co_await await_session(*stream, *options.session, short_while);
    // Whether the peer takes our goodbye says nothing about the handshake, unless it was not over: after a False Start.
    if (used) {
      NetResult<> ended = co_await stream->shutdown();
      if (!report.recording.completed()) used = std::move(ended);
    }
  }
  report.info = stream->info();
  report.target.bytes_received = stream->bytes_received();
  report.target.bytes_sent = stream->bytes_sent();
  report.target.pinned = was_pinned(report.recording);
  if (!shaken)
    report.verdict = judge(report.target, shaken.error(), report.recording);
  else if (const AlertSeen* alert = report.recording.fatal_alert())
    report.verdict =
        judge(report.target, NetError(Stage::read, Error(alert->alert, Reason::alert_received)), report.recording);
  else
    report.verdict = used ? judge(report.target, report.info, report.recording) : judge_use(report, used.error());
}

/// Early data that has not arrived is a fault, whatever else is well.
void judge_early_data(const ProbeOptions& options, Report& report) {
  if (!report.early_data || report.early_data->delivery != EarlyDataReport::Delivery::none) return;
  if (report.verdict.exit_code != ExitCode::ok) return;
  Verdict& v = report.verdict;
  v.exit_code = ExitCode::negotiation;
  v.found = report.early_data->why_not();
  if (report.early_data->sent) {
    v.set(Finding::early_data_rejected);
    v.summary = fmt::format("The handshake is fine, but {} did not take the early data.", report.target.text());
  } else {
    v.set(Finding::early_data_not_sent);
    v.summary = "The handshake is fine, but the early data was not sent.";
    v.expected = fmt::format("a session for {} that allows {} bytes of early data", report.target.text(),
                             report.early_data->size);
  }
  v.advice = {"--early-data-retry sends it as ordinary data, once the handshake is done."};
  if (options.session && options.session->received() && options.session->received()->max_early_data() != 0)
    v.advice.emplace_back("Or try again: the server has now given a session that allows early data.");
}

/// A session that is not where it was asked for is a fault, whatever else is well.
void conclude_session(const ProbeOptions& options, Report& report) {
  report.session = conclude(*options.session, report.recording, report.info);
  if (report.session->outcome.saved != SessionFile::Saved::failed || report.verdict.exit_code != ExitCode::ok) return;
  Verdict& v = report.verdict;
  v.exit_code = ExitCode::internal;
  v.set(Finding::session_not_saved);
  v.summary = fmt::format("The handshake is fine, but the new session can't be saved in {}.", report.session->file);
  v.found = report.session->outcome.problem;
  v.expected = "a file that can be written";
  v.advice = {
      "See that its folder can be written and its disk has room, or name a file elsewhere with --session: the "
      "next connection begins in full."};
}

}  // namespace

Report probe(const ProbeOptions& options) {
  Report report;
  const ClientOptions& config = options.config->options();
  report.target.host = options.host;
  report.target.port = options.port;
  report.target.server_name = options.server_name;
  report.target.trust = config.trust;
  report.target.has_credential = !config.credentials.empty();
  report.target.now = config.clock ? config.clock->now() : system_clock().now();
  if (options.early_data) {
    report.early_data.emplace().size = options.early_data->size();
    if (options.session && options.session->loaded())
      report.early_data->limit = options.session->loaded()->max_early_data();
  }
  asio::io_context context(1);
  asio::co_spawn(context, run(options, report), asio::detached);
  context.run();
  judge_early_data(options, report);
  if (options.session) conclude_session(options, report);
  if (report.response && report.verdict.exit_code == ExitCode::ok)
    if (std::optional<Verdict> refusal = judge_response(report.target, *report.response, report.recording))
      report.verdict = std::move(*refusal);
  return report;
}

}  // namespace handfast::doctor
