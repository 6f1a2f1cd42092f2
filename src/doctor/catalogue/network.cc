// The way there, and what else was asked for: names, TCP, silence, sessions that are kept, answers of HTTP.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr Cure mend_the_name[] = {
    {"client", R"(Check the spelling; then what this machine's resolver says, and what another one says:

  getent ahosts NAME
  dig +short NAME A NAME AAAA @9.9.9.9

In a container the resolver is often not that of the host: cat /etc/resolv.conf)"},
    {"anywhere", R"(Whoever runs the domain has to publish an address (A, AAAA), and to wait until the old answer
has lapsed in the caches.)"},
};

constexpr Cure make_it_listen[] = {
    {"anywhere", R"(On the server: does it run, and on which address and port does it listen? 127.0.0.1 is reached
from the machine itself only.

  ss -ltnp)"},
    {"nginx", R"(  listen 443 ssl;
  listen [::]:443 ssl;)"},
    {"Apache httpd", R"(On Debian and Ubuntu the module has to be switched on: a2enmod ssl

  Listen 443)"},
    {"HAProxy", R"(  bind :443,[::]:443 ssl crt /etc/haproxy/certs/site.pem)"},
    {"Caddy", R"(A site that is called by a name listens on 443 by itself; one that is called ":8080" only there.)"},
};

constexpr Cure open_the_way[] = {
    {"client", R"(How far do packets get?

  mtr -T -P 443 HOST
  nc -vz -w5 HOST 443)"},
    {"anywhere",
     R"(On the server and in front of it: the firewall (ufw allow 443/tcp; firewall-cmd --add-service=https), the
security group of the cloud, the forwarding of the router.)"},
};

constexpr Cure find_a_route[] = {
    {"client", R"(  ip route get ADDRESS

Where only IPv6 fails, the machine has an address and no way out; the other family works:

  curl -4 https://HOST/)"},
};

constexpr Cure another_address[] = {
    {"anywhere", R"(Who has the port?

  ss -ltnp 'sport = :8443'

Ports below 1024 are for root, or for those who may:

  setcap cap_net_bind_service=+ep /usr/local/bin/handfast)"},
};

constexpr Cure wait_longer[] = {
    {"client", R"(If the server is only slow:

  handfast connect HOST --timeout 60

If a large ClientHello gets lost on the way (HF0934), a smaller one arrives:

  handfast connect HOST --groups x25519)"},
    {"nginx", R"(Does it listen without TLS, and wait for a request?

  listen 443 ssl;)"},
    {"HAProxy",
     R"(A frontend in mode tcp without "ssl" passes the bytes on and waits for the server behind it. Does that one
speak TLS?

  bind :443 ssl crt /etc/haproxy/certs/site.pem)"},
};

constexpr Cure who_resets[] = {
    {"client", R"(With another name, and from another network:

  handfast connect HOST --sni NAME
  handfast connect HOST --groups x25519)"},
    {"anywhere", R"(The server's log at the moment of the reset: a process that crashes, is restarted, or closes a
connection with bytes unread resets it.)"},
};

constexpr Cure writable_file[] = {
    {"client", R"(Name a file in a folder that you may write to; it has to be a regular one, no link:

  handfast connect HOST --session ~/HOST.session)"},
};

constexpr Cure writable_page[] = {
    {"client", R"(Name a file in a folder that you may write to, on a disk with room:

  handfast connect HOST --html ~/HOST.html)"},
};

constexpr Cure a_session_first[] = {
    {"client", R"(First a connection that gets a session, then the one that uses it:

  handfast connect HOST --session s
  handfast connect HOST --session s --early-data request.http --early-data-retry)"},
    {"nginx",
     R"(The server has to allow it. Requests of early data can be replayed: let only those be answered so that do no
harm when they are done twice.

  ssl_early_data on;
  proxy_set_header Early-Data $ssl_early_data;)"},
    {"HAProxy", R"(  bind :443 ssl crt /etc/haproxy/certs/site.pem allow-0rtt)"},
};

constexpr Cure send_it_again[] = {
    {"client", R"(Let it be sent again as ordinary data, which is what a refusal asks for:

  handfast connect HOST --session s --early-data request.http --early-data-retry)"},
};

constexpr Cure look_at_the_answer[] = {
    {"client", R"(What is spoken inside of TLS on this port?

  printf 'GET / HTTP/1.0\r\n\r\n' | handfast connect HOST
  handfast connect HOST --alpn http/1.1 --request /)"},
};

constexpr Entry network_table[] = {
    {.code = "HF0801",
     .word = "name_not_resolved",
     .title = "The name has no address",
     .meaning = R"(Before anything else the name has to be turned into an address, and nobody could say one: there
is no such name, it has no address, or the resolver that this machine asks does not answer.

A name that is known in the office only, or inside of a cluster, can't be resolved from outside.)",
     .fault = R"(Whoever runs the domain, if others can't resolve the name either; else this machine's resolver.)",
     .check = R"(  getent ahosts NAME)",
     .rfc = "RFC 1034",
     .cures = mend_the_name},
    {.code = "HF0802",
     .word = "tcp_refused",
     .title = "Nothing listens there",
     .meaning = R"(The machine has answered, and said no: no program listens on this port. Or a firewall says so in
its place, which looks the same. It has nothing to do with TLS yet.)",
     .fault = R"(The server, which does not run or listens elsewhere; or whoever chose the port.)",
     .check = R"(  nc -vz HOST 443)",
     .rfc = "RFC 9293, section 3.5.2",
     .cures = make_it_listen},
    {.code = "HF0803",
     .word = "tcp_timed_out",
     .title = "The host does not answer",
     .meaning =
         R"(Nothing came back to the first packet of TCP: not even a no. The host is down, the address is wrong, or
a firewall on the way drops the packets without a word.)",
     .fault = R"(The host, or the way to it: a try from another network shows which.)",
     .check = R"(  nc -vz -w5 HOST 443
  ping -c3 HOST)",
     .rfc = "RFC 9293, section 3.8.3",
     .cures = open_the_way},
    {.code = "HF0804",
     .word = "tcp_failed",
     .title = "No TCP connection",
     .meaning = R"(There is no way to the address: no route, an interface that is down, a network that is not
reachable (often IPv6 where there is none), or a rule on this machine that forbids it.)",
     .fault = R"(This side, most often.)",
     .check = R"(  ip route get ADDRESS
  ip -6 route show default)",
     .rfc = "",
     .cures = find_a_route},
    {.code = "HF0805",
     .word = "cannot_listen",
     .title = "The server can't have its address",
     .meaning = R"(A server of ours was to listen on an address that is taken by another program, that is not this
machine's, or on a port that this user may not have.)",
     .fault = R"(This side.)",
     .check = R"(  ss -ltnp)",
     .rfc = "",
     .cures = another_address},
    {.code = "HF0806",
     .word = "timed_out",
     .title = "The server took the connection and fell silent",
     .meaning = R"(There is a TCP connection, and nothing more comes over it. The port may wait for a command before
it speaks TLS (mail servers, databases), or belong to a proxy that waits for the server behind it. A large
ClientHello may have got lost on the way, its answer may (a packet larger than the way allows), or the server is too
busy.)",
     .fault = R"(That can't be told from here: when it fell silent, before the first byte or later, is the best
hint.)",
     .check = R"(  handfast connect HOST --ladder
  openssl s_client -starttls smtp -connect HOST:587)",
     .rfc = "",
     .cures = wait_longer},
    {.code = "HF0807",
     .word = "reset",
     .title = "The connection was reset",
     .meaning = R"(The TCP connection was broken off with a reset, and no alert says why. Right after the
ClientHello it is mostly a firewall or a filter that has read the name in it (SNI), a server that closes on names
that it does not know, or a port that does not speak TLS. Later it is a server that has crashed, was reloaded, or
did not read what it was sent.)",
     .fault = R"(The server, or something in between: TLS itself does not end so.)",
     .check = R"(With another name in the same place, and from another network:

  handfast connect HOST --sni example.com
  handfast connect HOST --ladder)",
     .rfc = "RFC 9293, section 3.5.2",
     .cures = who_resets},
    {.code = "HF0811",
     .word = "session_not_saved",
     .title = "The session can't be saved",
     .meaning = R"(The handshake is fine. But the new session can't be written to the file of --session, so the next
connection can't resume it.)",
     .fault = R"(This side: the file or its folder.)",
     .check = R"(  ls -ld . FILE)",
     .rfc = "",
     .cures = writable_file},
    {.code = "HF0812",
     .word = "early_data_not_sent",
     .title = "The early data was not sent",
     .meaning = R"(Data can go with the very first bytes only where a session of TLS 1.3 is resumed that the server
has given leave for. There was none, or it allows less than there was to send. The handshake is fine.)",
     .fault = R"(Nobody: there was no leave for it.)",
     .check = R"(  handfast connect HOST --session s --json | jq .session.session)",
     .rfc = "RFC 8446, section 4.2.10",
     .cures = a_session_first},
    {.code = "HF0813",
     .word = "early_data_rejected",
     .title = "The server did not take the early data",
     .meaning =
         R"(The data went with the first bytes, and the server has set it aside: it may do so at any time, because
the session is too old, because it can't be sure that nobody replays it, or because it asked for another group. The
handshake is fine, and the data was not read.)",
     .fault = R"(Nobody: a client has to be ready to send it again.)",
     .check = R"(  handfast connect HOST --session s --early-data request.http --json | jq .early_data)",
     .rfc = "RFC 8446, section 4.2.10; RFC 8470",
     .cures = send_it_again},
    {.code = "HF0814",
     .word = "bad_http_response",
     .title = "The answer is no HTTP",
     .meaning =
         R"(TLS is fine. But what came back to the request is no answer of HTTP/1.1: another protocol is spoken on
this port, HTTP/2 is the only one, or the server has closed without an answer.)",
     .fault = R"(Whoever asked for HTTP there, or the server.)",
     .check = R"(  printf 'GET / HTTP/1.0\r\n\r\n' | handfast connect HOST)",
     .rfc = "RFC 9112",
     .cures = look_at_the_answer},
    {.code = "HF0815",
     .word = "page_not_saved",
     .title = "The page can't be saved",
     .meaning = R"(The handshake is fine. But the page of it can't be written to the file of --html.)",
     .fault = R"(On this side: of the file or its folder.)",
     .check = R"(  ls -ld . FILE)",
     .rfc = "",
     .cures = writable_page},
};

}  // namespace

std::span<const Entry> network_entries() noexcept { return network_table; }

}  // namespace handfast::doctor
