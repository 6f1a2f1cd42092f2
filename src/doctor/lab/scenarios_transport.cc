// What stands below TLS: no address, no connection, another protocol, and connections that end before their time.
#include <string_view>

#include "doctor/lab/scenario.h"

namespace handfast::doctor::lab {
namespace {

Result<net::Serve> http(const Site&) {
  const Bytes words = as_bytes(std::string_view(
      "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 12\r\nConnection: close\r\n\r\nBad "
      "request\n"));
  return answer(Buffer(words.begin(), words.end()));
}
Result<net::Serve> smtp(const Site& site) { return greet("220 " + site.host + " ESMTP ready\r\n"); }
Result<net::Serve> imap(const Site&) { return greet("* OK [CAPABILITY IMAP4rev1 STARTTLS] IMAP4rev1 ready\r\n"); }
Result<net::Serve> pop3(const Site&) { return greet("+OK POP3 ready\r\n"); }
Result<net::Serve> ftp(const Site&) { return greet("220 FTP server ready\r\n"); }
Result<net::Serve> ssh(const Site&) { return greet("SSH-2.0-OpenSSH_9.2p1\r\n"); }
/// A game's, a database's: anything.
Result<net::Serve> other(const Site&) { return greet("READY 1.0 and waiting for your command\n"); }

Result<net::Serve> broken(Moment moment, End end) { return break_off({moment, end}); }
Result<net::Serve> fin_at_accept(const Site&) { return broken(Moment::accept, End::fin); }
Result<net::Serve> reset_at_accept(const Site&) { return broken(Moment::accept, End::reset); }
Result<net::Serve> silence_at_accept(const Site&) { return broken(Moment::accept, End::silence); }
Result<net::Serve> fin_after_hello(const Site&) { return broken(Moment::client_hello, End::fin); }
Result<net::Serve> reset_after_hello(const Site&) { return broken(Moment::client_hello, End::reset); }

template <End end>
Result<net::Serve> after_server_hello(const Site& site) {
  return site.serve(Break{Moment::server_hello, end});
}
/// In TLS 1.2, where the client still waits for the server's Finished then.
template <End end>
Result<net::Serve> after_client_flight(const Site& site) {
  ServerOptions options;
  options.max_version = ProtocolVersion::tls1_2;
  return site.serve(Break{Moment::client_flight, end}, std::move(options));
}
template <End end>
Result<net::Serve> after_request(const Site& site) {
  return site.serve(Break{Moment::request, end});
}

/// It stands for the 1460 bytes of a packet, about which a hello with a post-quantum key share comes to: what the name
/// in it takes, or a protocol, should make no difference here.
constexpr std::size_t small_hello = 1000;

Result<net::Serve> firewall(const Site& site) {
  ServerOptions options;
  options.min_version = ProtocolVersion::tls1_3;
  auto config = site.config(site.plan(), std::move(options));
  if (!config) return fail(std::move(config.error()));
  return serve_tls({.rule = [config = *config](const Hello& hello) {
    return hello.size > small_hello ? Ruling(End::silence) : Ruling(config);
  }});
}

/// The same for hellos in pieces, of packets or of records.
Result<net::Serve> whole_hello_only(const Site& site) {
  auto config = site.config(site.plan());
  if (!config) return fail(std::move(config.error()));
  return serve_tls({.rule = [config = *config](const Hello& hello) {
    return hello.pieces > 1 ? Ruling(End::silence) : Ruling(config);
  }});
}

constexpr Scenario transport_table[] = {
    {.name = "no-such-name",
     .summary = "the name has no address",
     .expected = {Finding::name_not_resolved, ExitCode::network, Fault::unknown, "spelling"},
     .reach = Reach::nameless,
     .host = "no-such-name.invalid"},
    {.name = "closed-port",
     .summary = "nothing listens on the port",
     .expected = {Finding::tcp_refused, ExitCode::network, Fault::unknown, "Check the port"},
     .reach = Reach::closed},
    {.name = "no-answer",
     .summary = "the packets to the port get no answer",
     .expected = {Finding::tcp_timed_out, ExitCode::network, Fault::unknown, "firewall"},
     .arguments = "--timeout 1",
     .reach = Reach::deaf,
     .host = "127.0.0.1"},
    {.name = "plain-http",
     .summary = "HTTP without TLS",
     .expected = {Finding::plain_http, ExitCode::transport, Fault::unknown, "curl http://"},
     .server = http},
    {.name = "plain-smtp",
     .summary = "a mail server that greets in the clear and waits for STARTTLS",
     .expected = {Finding::plain_smtp, ExitCode::transport, Fault::unknown, "STARTTLS"},
     .server = smtp},
    {.name = "plain-imap",
     .summary = "an IMAP server that greets in the clear",
     .expected = {Finding::plain_imap, ExitCode::transport, Fault::unknown, "STARTTLS"},
     .server = imap},
    {.name = "plain-pop3",
     .summary = "a POP3 server that greets in the clear",
     .expected = {Finding::plain_pop3, ExitCode::transport, Fault::unknown, "995"},
     .server = pop3},
    {.name = "plain-ftp",
     .summary = "an FTP server that greets in the clear",
     .expected = {Finding::plain_ftp, ExitCode::transport, Fault::unknown, "990"},
     .server = ftp},
    {.name = "plain-ssh",
     .summary = "an SSH server",
     .expected = {Finding::plain_ssh, ExitCode::transport, Fault::unknown, "ssh -p"},
     .server = ssh},
    {.name = "not-tls",
     .summary = "a protocol of its own",
     .expected = {Reason::not_tls, ExitCode::transport, Fault::unknown, "Check the port"},
     .server = other},
    {.name = "closed-at-once",
     .summary = "takes the TCP connection and ends it at once",
     .expected = {Reason::truncated, ExitCode::transport, Fault::unknown, "does not speak TLS"},
     .server = fin_at_accept},
    {.name = "reset-at-once",
     .summary = "takes the TCP connection and resets it",
     .expected = {Finding::reset, ExitCode::transport, Fault::unknown, "does not speak TLS"},
     .server = reset_at_accept},
    {.name = "silent",
     .summary = "takes the TCP connection and says nothing",
     .expected = {Finding::timed_out, ExitCode::transport, Fault::unknown, "--timeout"},
     .server = silence_at_accept,
     .arguments = "--timeout 1"},
    {.name = "closed-after-hello",
     .summary = "ends the connection on whatever ClientHello",
     .expected = {Reason::truncated, ExitCode::transport, Fault::unknown, "does not speak TLS"},
     .server = fin_after_hello},
    {.name = "reset-after-hello",
     .summary = "resets the connection on whatever ClientHello",
     .expected = {Finding::reset, ExitCode::transport, Fault::unknown, "firewall"},
     .server = reset_after_hello},
    {.name = "closed-after-server-hello",
     .summary = "ends the connection behind its ServerHello",
     .expected = {Reason::truncated, ExitCode::transport, Fault::unknown, "server's log"},
     .server = after_server_hello<End::fin>},
    {.name = "reset-after-server-hello",
     .summary = "resets the connection behind its ServerHello",
     .expected = {Finding::reset, ExitCode::transport, Fault::unknown, "server's log"},
     .server = after_server_hello<End::reset>},
    {.name = "silent-after-server-hello",
     .summary = "says nothing more behind its ServerHello",
     .expected = {Finding::timed_out, ExitCode::transport, Fault::unknown, "--timeout"},
     .server = after_server_hello<End::silence>,
     .arguments = "--timeout 1"},
    {.name = "closed-before-finished",
     .summary = "in TLS 1.2, ends the connection where its Finished is due",
     .expected = {Reason::truncated, ExitCode::transport, Fault::unknown, "server's log"},
     .server = after_client_flight<End::fin>},
    {.name = "reset-before-finished",
     .summary = "in TLS 1.2, resets the connection where its Finished is due",
     .expected = {Finding::reset, ExitCode::transport, Fault::unknown, "server's log"},
     .server = after_client_flight<End::reset>},
    {.name = "silent-before-finished",
     .summary = "in TLS 1.2, says nothing more where its Finished is due",
     .expected = {Finding::timed_out, ExitCode::transport, Fault::unknown, "--timeout"},
     .server = after_client_flight<End::silence>,
     .arguments = "--timeout 1"},
    {.name = "closed-after-handshake",
     .summary = "ends the connection on the first request, without close_notify",
     .expected = {Reason::truncated, ExitCode::transport, Fault::unknown, "server's log"},
     .server = after_request<End::fin>,
     .arguments = "--request /"},
    {.name = "reset-after-handshake",
     .summary = "resets the connection on the first request",
     .expected = {Finding::reset, ExitCode::transport, Fault::unknown, "server's log"},
     .server = after_request<End::reset>,
     .arguments = "--request /"},
    {.name = "silent-after-handshake",
     .summary = "takes the first request and never answers",
     .expected = {Finding::timed_out, ExitCode::transport, Fault::unknown, "--timeout"},
     .server = after_request<End::silence>,
     .arguments = "--request / --timeout 1"},
    {.name = "large-hello-dropped",
     .summary = "a firewall drops every ClientHello that is larger than a small one",
     .expected = {Finding::large_hello_dropped, ExitCode::transport, Fault::path, "firewall"},
     .server = firewall,
     .arguments = "--timeout 1",
     .host = "hello.localhost"},
    {.name = "split-hello-dropped",
     .summary = "a firewall drops every ClientHello that comes in pieces; a client's own comes whole",
     .expected = {Finding::split_hello_dropped, ExitCode::transport, Fault::path, "firewall"},
     .server = whole_hello_only,
     .arguments = "--probe --timeout 1",
     .needs_arguments = true},
};

}  // namespace

std::span<const Scenario> transport_scenarios() { return transport_table; }

}  // namespace handfast::doctor::lab
