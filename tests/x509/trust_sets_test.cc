// Sets of anchors, united and narrowed: what each of them vouches for.
#include <algorithm>

#include "x509/anchors.h"
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

using Shared = TrustAnchors::Shared;
using Entry = TrustAnchors::Store::Entry;

Shared pins_of(const std::vector<Certificate>& certificates) {
  std::vector<Bytes> ders;
  for (const Certificate& certificate : certificates) ders.push_back(certificate.der());
  return TrustAnchors::pinned(ders).value();
}
Shared only_for(const Shared& anchors, const std::vector<std::string>& names) {
  return anchors->only_for(names).value();
}
SpkiPin pin_of(const Identity& identity) { return SpkiPin::of(identity.certificate->public_key.der); }
Shared with_keys(const Shared& anchors, const std::vector<SpkiPin>& keys) {
  return anchors->only_with_keys(keys).value();
}
Shared combine(const std::vector<Shared>& sets) { return TrustAnchors::combine(sets).value(); }

/// That authority in the set; a test that asks for one has it.
const Entry& authority(const Shared& anchors, const Identity& identity) {
  for (const Entry& entry : anchors->store().find(identity.certificate->subject))
    if (entry.certificate == identity.certificate) return entry;
  throw std::runtime_error("no such authority");
}
bool vouches(const Entry& entry, std::string_view name) {
  const ServerName server = ServerName::parse(name).value();
  return entry.vouches_for(&server);
}
bool accepts(const Entry& entry, std::string_view name, const std::vector<const Certificate*>& below) {
  const ServerName server = ServerName::parse(name).value();
  return entry.accepts(&server, below);
}

class TrustSets : public testing::Test {
 protected:
  Identity a = root_of(ca("A"));
  Identity b = root_of(ca("B"));
  Identity end = signed_by(a, leaf());
  Identity self = root_of(leaf({"nas.local"}));
};

TEST_F(TrustSets, AnAuthorityIsTrustedForEverythingUnlessNarrowed) {
  const Shared anchors = anchors_of({a.certificate});
  const Entry& entry = authority(anchors, a);
  EXPECT_NE(entry.key, nullptr);
  EXPECT_TRUE(vouches(entry, "example.com"));
  EXPECT_TRUE(vouches(entry, "192.0.2.1"));
  EXPECT_TRUE(entry.vouches_for(nullptr));
  EXPECT_TRUE(entry.accepts(nullptr, {}));
  EXPECT_FALSE(entry.on_terms());
  EXPECT_TRUE(entry.allowed().empty());
  EXPECT_TRUE(entry.pins(nullptr).empty());
  EXPECT_TRUE(anchors->store().contains(a.certificate));
  EXPECT_EQ(anchors->store().find_pinned(a.certificate), nullptr);
}

TEST_F(TrustSets, APinIsNoAuthority) {
  const Shared pinned = pins_of({self.certificate, a.certificate, self.certificate});
  EXPECT_EQ(pinned->size(), 2u);
  EXPECT_TRUE(pinned->is_pinned());
  EXPECT_TRUE(pinned->subjects().empty());
  EXPECT_FALSE(pinned->store().contains(a.certificate));
  EXPECT_TRUE(pinned->store().find(a.certificate->subject).empty());
  ASSERT_NE(pinned->store().find_pinned(self.certificate), nullptr);
  EXPECT_TRUE(vouches(*pinned->store().find_pinned(self.certificate), "whatever.example"));
  EXPECT_TRUE(pinned->store().find_pinned(a.certificate)->vouches_for(nullptr));
  EXPECT_EQ(pinned->store().find_pinned(b.certificate), nullptr);
}

TEST_F(TrustSets, CombinedEachIsWhatItWas) {
  const Shared all = combine({anchors_of({a.certificate}), pins_of({self.certificate}), anchors_of({b.certificate})});
  EXPECT_EQ(all->size(), 3u);
  EXPECT_FALSE(all->is_pinned());
  EXPECT_TRUE(all->store().contains(a.certificate));
  EXPECT_TRUE(all->store().contains(b.certificate));
  EXPECT_FALSE(all->store().contains(self.certificate));
  EXPECT_NE(all->store().find_pinned(self.certificate), nullptr);
  EXPECT_NE(authority(all, b).key, nullptr);
  // A certificate may be both.
  const Shared both = combine({anchors_of({a.certificate}), pins_of({a.certificate})});
  EXPECT_TRUE(both->store().contains(a.certificate));
  EXPECT_NE(both->store().find_pinned(a.certificate), nullptr);
}

TEST_F(TrustSets, NothingOrNullIsNoSet) {
  EXPECT_FALSE(TrustAnchors::combine({}));
  EXPECT_FALSE(TrustAnchors::combine(std::vector<Shared>{anchors_of({a.certificate}), nullptr}));
  EXPECT_FALSE(anchors_of({a.certificate})->only_for({}));
  EXPECT_FALSE(anchors_of({a.certificate})->only_for(std::vector<std::string>{"a b"}));
  EXPECT_FALSE(anchors_of({a.certificate})->only_with_keys({}));
}

TEST_F(TrustSets, NarrowedToNames) {
  const Shared narrow = only_for(anchors_of({a.certificate}), {"corp.example", ".corp.example"});
  const Entry& entry = authority(narrow, a);
  EXPECT_TRUE(vouches(entry, "corp.example"));
  EXPECT_TRUE(vouches(entry, "x.corp.example"));
  EXPECT_FALSE(vouches(entry, "example.com"));
  EXPECT_FALSE(accepts(entry, "example.com", {&end.certificate}));
  EXPECT_TRUE(entry.on_terms());
  EXPECT_EQ(entry.allowed(), (std::vector<std::string>{".corp.example", "corp.example"}));

  const Shared narrower = only_for(narrow, {"x.corp.example", "example.com"});
  const Entry& twice = authority(narrower, a);
  EXPECT_TRUE(vouches(twice, "x.corp.example"));
  EXPECT_FALSE(vouches(twice, "corp.example"));
  EXPECT_FALSE(vouches(twice, "example.com"));
  EXPECT_TRUE(vouches(entry, "corp.example")) << "the set that it was made of changed";
}

TEST_F(TrustSets, NarrowedToNamesItVouchesForNoClient) {
  const Shared narrow = only_for(anchors_of({a.certificate}), {"corp.example"});
  EXPECT_FALSE(authority(narrow, a).vouches_for(nullptr));
  EXPECT_FALSE(authority(narrow, a).accepts(nullptr, {}));
  EXPECT_TRUE(narrow->subjects().empty());
  EXPECT_FALSE(narrow->vouches_for_clients());
  EXPECT_TRUE(combine({narrow, pins_of({self.certificate})})->vouches_for_clients());
  EXPECT_EQ(combine({narrow, anchors_of({b.certificate})})->subjects().size(), 1u);
  EXPECT_FALSE(only_for(pins_of({self.certificate}), {"nas.local"})
                   ->store()
                   .find_pinned(self.certificate)
                   ->vouches_for(nullptr));
}

TEST_F(TrustSets, APinForOneNameOnly) {
  const Shared narrow = combine({only_for(pins_of({self.certificate}), {"nas.local"}), anchors_of({a.certificate})});
  const Entry& pin = *narrow->store().find_pinned(self.certificate);
  EXPECT_TRUE(vouches(pin, "nas.local"));
  EXPECT_FALSE(vouches(pin, "bank.example"));
  EXPECT_TRUE(vouches(authority(narrow, a), "bank.example"));
}

TEST_F(TrustSets, OnTheTermsOfAny) {
  const Shared plain = anchors_of({a.certificate});
  const Shared one = only_for(plain, {"one.example"});
  const Shared two = only_for(plain, {"two.example"});
  const Shared either = combine({one, two, one});
  ASSERT_EQ(either->size(), 1u);
  EXPECT_EQ(authority(either, a).terms.size(), 2u);
  EXPECT_TRUE(vouches(authority(either, a), "one.example"));
  EXPECT_TRUE(vouches(authority(either, a), "two.example"));
  EXPECT_FALSE(vouches(authority(either, a), "three.example"));
  EXPECT_EQ(authority(either, a).allowed(), (std::vector<std::string>{"one.example", "two.example"}));
  const Shared any = combine({one, plain, two});
  EXPECT_EQ(authority(any, a).terms.size(), 1u);
  EXPECT_TRUE(vouches(authority(any, a), "three.example"));
}

TEST_F(TrustSets, NarrowedToKeys) {
  Identity intermediate = signed_by(a, ca("Intermediate"));
  Identity below = signed_by(intermediate, leaf());
  const std::vector<const Certificate*> path = {&below.certificate, &intermediate.certificate};
  for (const Identity* pinned : {&below, &intermediate, &a}) {
    const Shared narrow = with_keys(anchors_of({a.certificate}), {pin_of(b), pin_of(*pinned)});
    EXPECT_TRUE(accepts(authority(narrow, a), "example.com", path));
  }
  const Shared narrow = with_keys(anchors_of({a.certificate}), {pin_of(b), pin_of(b), pin_of(end)});
  const Entry& entry = authority(narrow, a);
  EXPECT_TRUE(vouches(entry, "example.com"));
  EXPECT_FALSE(accepts(entry, "example.com", path));
  EXPECT_FALSE(entry.accepts(nullptr, path));
  EXPECT_TRUE(entry.on_terms());
  EXPECT_EQ(entry.pins(nullptr).size(), 2u);
  EXPECT_EQ(entry.found(path),
            (std::vector<std::string>{pin_of(below).text(), pin_of(intermediate).text(), pin_of(a).text()}));
  // One of each: the leaf's and the anchor's.
  const Shared both = with_keys(with_keys(anchors_of({a.certificate}), {pin_of(a)}), {pin_of(below)});
  EXPECT_TRUE(accepts(authority(both, a), "example.com", path));
  EXPECT_FALSE(accepts(authority(both, a), "example.com", {&end.certificate}));
}

TEST_F(TrustSets, APinnedCertificateIsAPathOfItsOwn) {
  EXPECT_TRUE(with_keys(pins_of({self.certificate}), {pin_of(self)})
                  ->store()
                  .find_pinned(self.certificate)
                  ->accepts(nullptr, {}));
  EXPECT_FALSE(
      with_keys(pins_of({self.certificate}), {pin_of(a)})->store().find_pinned(self.certificate)->accepts(nullptr, {}));
}

TEST_F(TrustSets, KeysAndNamesBelongTogether) {
  const Shared plain = anchors_of({a.certificate});
  const Shared both = combine({with_keys(only_for(plain, {"one.example"}), {pin_of(end)}),
                               with_keys(only_for(plain, {"two.example"}), {pin_of(b)})});
  const Entry& entry = authority(both, a);
  EXPECT_TRUE(accepts(entry, "one.example", {&end.certificate}));
  EXPECT_FALSE(accepts(entry, "two.example", {&end.certificate}));
  const ServerName two = ServerName::parse("two.example").value();
  EXPECT_EQ(entry.pins(&two), std::vector<std::string>{pin_of(b).text()});
}

TEST_F(TrustSets, ADigestIsOfTheContentAlone) {
  const Shared ab = anchors_of({a.certificate, b.certificate});
  EXPECT_EQ(ab->digest(), anchors_of({b.certificate, a.certificate, b.certificate})->digest());
  EXPECT_EQ(ab->digest(), combine({anchors_of({b.certificate}), anchors_of({a.certificate})})->digest());
  EXPECT_EQ(only_for(ab, {"x.example", "*.y.example"})->digest(),
            only_for(ab, {".y.example", "X.example", "x.example"})->digest());
  EXPECT_EQ(only_for(only_for(ab, {"x.example"}), {"y.example"})->digest(),
            only_for(only_for(only_for(ab, {"y.example"}), {"x.example"}), {"y.example"})->digest());
  EXPECT_EQ(with_keys(ab, {pin_of(a), pin_of(b)})->digest(), with_keys(ab, {pin_of(b), pin_of(a)})->digest());
  EXPECT_EQ(combine({only_for(ab, {"x.example"}), only_for(ab, {"y.example"})})->digest(),
            combine({only_for(ab, {"y.example"}), only_for(ab, {"x.example"})})->digest());
}

TEST_F(TrustSets, ADigestTellsApartWhatIsTrusted) {
  const Shared ab = anchors_of({a.certificate, b.certificate});
  const Shared sets[] = {
      ab,
      anchors_of({a.certificate}),
      anchors_of({b.certificate}),
      pins_of({a.certificate}),
      pins_of({a.certificate, b.certificate}),
      combine({anchors_of({a.certificate}), pins_of({b.certificate})}),
      only_for(ab, {"x.example"}),
      only_for(ab, {".x.example"}),
      only_for(ab, {"x.example", "y.example"}),
      only_for(only_for(ab, {"x.example"}), {"y.example"}),
      combine({only_for(ab, {"x.example"}), only_for(ab, {"y.example"})}),
      combine({only_for(anchors_of({a.certificate}), {"x.example"}), anchors_of({b.certificate})}),
      with_keys(ab, {pin_of(a)}),
      with_keys(ab, {pin_of(b)}),
      with_keys(ab, {pin_of(a), pin_of(b)}),
      with_keys(with_keys(ab, {pin_of(a)}), {pin_of(b)}),
  };
  std::vector<std::array<std::uint8_t, 32>> digests;
  for (const Shared& set : sets) digests.push_back(set->digest());
  std::ranges::sort(digests);
  EXPECT_EQ(std::ranges::adjacent_find(digests), digests.end());
}

}  // namespace
}  // namespace handfast::x509::test
