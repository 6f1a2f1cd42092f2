// What all connections to an intercepting listener share, loaded once.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "authority/leaf_cache.h"
#include "proxy/access.h"
#include "proxy/har.h"
#include "proxy/hello_reader.h"
#include "proxy/judged_origin.h"
#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/origin.h"
#include "proxy/pinning.h"
#include "proxy/rules.h"
#include "proxy/transparent.h"
#include "x509/name_set.h"

namespace handfast::proxy {

struct Interception {
  AccessList access;
  OriginJudge judge;
  std::shared_ptr<authority::LeafCache> leaves;
  std::shared_ptr<PinnedHosts> pins;
  std::shared_ptr<OwnConnections> own;
  std::shared_ptr<Judgements> judgements;
  std::shared_ptr<HarFile> har;  ///< null: none
  std::uint64_t har_size = 0;    ///< bytes that the file may have; 0: no limit
  std::size_t har_body = 0;      ///< bytes that are kept of each body
  RuleSet rules;
  std::optional<x509::NameSet> passthrough;  ///< hosts that are never looked into
  std::vector<std::string> passthrough_texts;
  Limits limits;
};

/// A client's connection.
struct Guest {
  /// Under the next `id`.
  explicit Guest(const boost::asio::ip::tcp::endpoint& peer);
  boost::asio::ip::tcp::endpoint peer;
  std::string address;  ///< the peer's, as text: who has pinned a host
  std::string payer;    ///< as whom it counts, as text: for whom leaves are made
  std::string id;       ///< the connection's, of this process: "17"
};

/// Why the access list has nobody go to that host at all of these addresses; for the log alone.
std::optional<std::string> refuses(const Interception& shared, const x509::ServerName& host, std::uint16_t port,
                                   const std::vector<boost::asio::ip::tcp::endpoint>& endpoints);

/// Connects to one of these addresses of an origin, which have been checked; what comes back to us from there is known
/// for our own as long as `entry` lives.
Awaitable<NetResult<net::PlainStream>> dial_checked(const Interception& shared, Origin origin,
                                                    std::vector<boost::asio::ip::tcp::endpoint> endpoints,
                                                    OwnConnections::Entry& entry);

/// PoolKey::scope of connections that all clients share.
inline constexpr std::string_view shared_scope = "intercept";
/// A connection to that origin at that address, shared by all clients.
PoolKey shared_connection(const Origin& origin, const boost::asio::ip::tcp::endpoint& endpoint);

/// start_judged_tls over that connection. What a session's certificates are worth may have changed since: an origin
/// that is not trusted for them is asked anew, over another connection to that address, so that it shows what proves it
/// today (a fresh OCSP response, say). What it comes to is remembered.
Awaitable<NetResult<JudgedOrigin>> judge_tls(const Interception& shared, net::PlainStream stream, Origin origin,
                                             OwnConnections::Entry& entry);

/// The line of that handshake: what was agreed on, and what the origin's certificate is worth. `hello`: the client's,
/// null where it was not for one.
void log_judged(Log& log, const Guest& guest, const Origin& origin, const HelloReader* hello,
                const NetResult<JudgedOrigin>& judged, std::chrono::steady_clock::time_point began);

}  // namespace handfast::proxy
