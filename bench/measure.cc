// Medians of alternating runs.
#include "measure.h"

#include <algorithm>
#include <chrono>

namespace handfast::bench {
namespace {

constexpr int warm_up_rounds = 3;
constexpr int least_rounds = 15;

struct Samples {
  std::vector<double> client;
  std::vector<double> server;
};

}  // namespace

Summary summarize(std::vector<double> samples) {
  if (samples.empty()) return {};
  std::ranges::sort(samples);
  const auto quantile = [&](double part) {
    return samples[static_cast<std::size_t>(part * static_cast<double>(samples.size() - 1))];
  };
  const double median = quantile(0.5);
  return {median, median == 0 ? 0 : (quantile(0.75) - quantile(0.25)) / median};
}

std::vector<Measured> alternate(const std::vector<Contestant>& contestants, double seconds) {
  for (int round = 0; round < warm_up_rounds; ++round)
    for (const Contestant& contestant : contestants) contestant.batch();

  std::vector<Samples> samples(contestants.size());
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (int round = 0; round < least_rounds || std::chrono::steady_clock::now() < end; ++round) {
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      const Sides spent = contestants[i].batch();
      samples[i].client.push_back(spent.client);
      samples[i].server.push_back(spent.server);
    }
  }

  std::vector<Measured> measured;
  for (std::size_t i = 0; i < contestants.size(); ++i)
    measured.push_back({contestants[i].name, summarize(samples[i].client), summarize(samples[i].server)});
  return measured;
}

}  // namespace handfast::bench
