// Medians of alternating runs.
#include "measure.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

namespace handfast::bench {
namespace {

constexpr int warm_up_rounds = 3;
constexpr int least_rounds = 15;

double quantile(const std::vector<double>& sorted, double part) {
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

double median(std::vector<double> samples) {
  std::ranges::sort(samples);
  return quantile(samples, 0.5);
}

/// One number of each round.
using Samples = std::vector<double>;

Summary summarize(Samples samples, const Samples& last) {
  Samples over(samples.size());
  std::ranges::transform(samples, last, over.begin(), std::minus<>());
  std::ranges::sort(samples);
  const double middle = quantile(samples, 0.5);
  const double width = quantile(samples, 0.75) - quantile(samples, 0.25);
  return {middle, middle == 0 ? 0 : width / middle, median(std::move(over))};
}

}  // namespace

std::vector<Measured> alternate(const std::vector<Contestant>& contestants, double seconds) {
  for (int round = 0; round < warm_up_rounds; ++round)
    for (const Contestant& contestant : contestants) contestant.batch();

  std::vector<Samples> client(contestants.size());
  std::vector<Samples> server(contestants.size());
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (int round = 0; round < least_rounds || std::chrono::steady_clock::now() < end; ++round) {
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      const Sides spent = contestants[i].batch();
      client[i].push_back(spent.client);
      server[i].push_back(spent.server);
    }
  }

  std::vector<Measured> measured;
  measured.reserve(contestants.size());
  for (std::size_t i = 0; i < contestants.size(); ++i)
    measured.push_back({contestants[i].name, summarize(client[i], client.back()), summarize(server[i], server.back())});
  return measured;
}

}  // namespace handfast::bench
