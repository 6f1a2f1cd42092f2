#include "proxy/make_interception.h"

#include <utility>
#include <vector>

#include <handfast/clock.h>
#include <handfast/random.h>

#include "proxy/ca_page.h"
#include "proxy/patterns.h"

namespace handfast::proxy {
namespace {

namespace fs = std::filesystem;
using authority::LeafCache;
using authority::LocalAuthority;

constexpr std::string_view har_version = "0.1";

Result<fs::path> folder_of(const InterceptOptions& options) {
  return options.ca_dir.empty() ? authority::default_folder() : fs::path(options.ca_dir);
}

Result<LocalAuthority::Shared> open_authority(const InterceptOptions& options, MadeIntercept& made) {
  Result<fs::path> folder = folder_of(options);
  if (!folder) return fail(std::move(folder.error()));
  Result<LocalAuthority::Shared> opened = LocalAuthority::open(*folder, system_clock().now(), system_random());
  if (!opened) return opened;
  made.certificate = (*opened)->certificate_path();
  made.is_new = (*opened)->is_new();
  made.fingerprint = fingerprint((*opened)->certificate().der());
  return opened;
}

/// Those of one authority are kept as long as it is the same.
Result<std::shared_ptr<LeafCache>> leaves_of(LocalAuthority::Shared authority, InterceptionMemory& memory,
                                             const Lasting& lasting) {
  std::shared_ptr<LeafCache>& leaves = memory.leaves[std::string(as_text(authority->certificate().der()))];
  if (leaves) return leaves;
  authority::LeafCacheOptions options;
  options.server.application_protocols.emplace_back("http/1.1");
  options.server.sessions.ticket_keys = lasting.ticket_keys;
  options.server.sessions.store = lasting.sessions;
  options.server.sessions.context = "intercept ";
  Result<std::unique_ptr<LeafCache>> made = LeafCache::make(std::move(authority), std::move(options));
  if (!made) return fail(std::move(made.error()));
  leaves = *std::move(made);
  return leaves;
}

Result<TrustAnchors::Shared> anchors_of(const InterceptOptions& options) {
  std::vector<TrustAnchors::Shared> sets;
  for (const std::string& path : options.trust) {
    Result<TrustAnchors::Shared> set = TrustAnchors::from_path(path);
    if (!set) return fail(std::move(set.error()));
    sets.push_back(*std::move(set));
  }
  Result<TrustAnchors::Shared> system = TrustAnchors::system();
  // A machine without roots of its own still knows those that it was given: that is less trust, not more.
  if (!system && sets.empty()) return system;
  if (system) sets.push_back(*std::move(system));
  return TrustAnchors::combine(sets);
}

/// One that is written to already is gone on with.
Result<std::shared_ptr<HarFile>> har_of(const InterceptOptions& options, Lasting& lasting) {
  if (options.har.empty()) return nullptr;
  std::error_code error;
  const fs::path absolute = fs::absolute(options.har, error).lexically_normal();
  std::weak_ptr<HarFile>& known = lasting.hars[absolute.string()];
  std::shared_ptr<HarFile> file = known.lock();
  if (!file) {
    Result<std::shared_ptr<HarFile>> opened = HarFile::open(options.har, har_version);
    if (!opened) return opened;
    file = *std::move(opened);
    known = file;
  }
  return file;
}

Result<std::optional<x509::NameSet>> passthrough_of(const std::vector<std::string>& hosts) {
  if (hosts.empty()) return std::nullopt;
  Result<x509::NameSet> set = parse_hosts("passthrough", hosts);
  if (!set) return fail(std::move(set.error()));
  return *std::move(set);
}

/// What comes of the options alone, without anything that is written.
struct Chosen {
  AccessList access;
  RuleSet rules;
  std::optional<x509::NameSet> passthrough;
  OriginJudge judge;
};

Result<Chosen> choose(const InterceptOptions& options, std::shared_ptr<ClientSessionStore> origin_sessions) {
  Result<AccessList> access = AccessList::make(options.access);
  if (!access) return fail(std::move(access.error()));
  Result<RuleSet> rules = RuleSet::make(options.rules);
  if (!rules) return fail(std::move(rules.error()));
  Result<std::optional<x509::NameSet>> passthrough = passthrough_of(options.passthrough);
  if (!passthrough) return fail(std::move(passthrough.error()));
  Result<TrustAnchors::Shared> anchors = anchors_of(options);
  if (!anchors) return fail(std::move(anchors.error()));
  Result<OriginJudge> judge = OriginJudge::make({*std::move(anchors), {}}, std::move(origin_sessions));
  if (!judge) return fail(std::move(judge.error()));
  return Chosen{*std::move(access), *std::move(rules), *std::move(passthrough), *std::move(judge)};
}

}  // namespace

std::vector<fs::path> files_of(const InterceptOptions& options) {
  std::vector<fs::path> files(options.trust.begin(), options.trust.end());
  for (const RuleOptions& rule : options.rules)
    if (!rule.map_file.empty()) files.emplace_back(rule.map_file);
  if (const Result<fs::path> folder = folder_of(options)) {
    files.push_back(*folder / "ca.crt");
    files.push_back(*folder / "ca.key");
  }
  return files;
}

Result<> check_intercept(const InterceptOptions& options) {
  Result<Chosen> chosen = choose(options, nullptr);
  if (!chosen) return fail(std::move(chosen.error()));
  Result<fs::path> folder = folder_of(options);
  if (!folder) return fail(std::move(folder.error()));
  std::error_code error;
  if (!fs::exists(*folder / "ca.crt", error)) return {};  // it is made when the proxy begins
  MadeIntercept made;
  Result<LocalAuthority::Shared> authority = open_authority(options, made);
  if (!authority) return fail(std::move(authority.error()));
  return {};
}

Result<std::shared_ptr<const Interception>> load_interception(const InterceptOptions& options, Lasting& lasting,
                                                              MadeIntercept& made) {
  if (!lasting.interception) lasting.interception = std::make_shared<InterceptionMemory>();
  InterceptionMemory& memory = *lasting.interception;
  // What can be wrong is looked at before anything is made.
  Result<Chosen> chosen = choose(options, memory.origin_sessions);
  if (!chosen) return fail(std::move(chosen.error()));
  Result<std::shared_ptr<HarFile>> har = har_of(options, lasting);
  if (!har) return fail(std::move(har.error()));
  Result<LocalAuthority::Shared> authority = open_authority(options, made);
  if (!authority) return fail(std::move(authority.error()));
  Result<std::shared_ptr<LeafCache>> leaves = leaves_of(*std::move(authority), memory, lasting);
  if (!leaves) return fail(std::move(leaves.error()));
  std::shared_ptr<PinnedHosts>& pins = memory.pins[options.pinning];
  if (!pins) pins = std::make_shared<PinnedHosts>(options.pinning);
  return std::make_shared<const Interception>(
      Interception{std::move(chosen->access), std::move(chosen->judge), *std::move(leaves), pins, memory.own,
                   memory.judgements, *std::move(har), options.har_size, options.har_body, std::move(chosen->rules),
                   std::move(chosen->passthrough), options.passthrough, options.limits});
}

}  // namespace handfast::proxy
