// Which record carried what: messages are packed into records and cut between them as it suits the sender.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "doctor/recording.h"

namespace handfast::doctor {

/// Looks at a recording, whose steps are named by their place.
class Carriage {
 public:
  explicit Carriage(const Recording& recording);

  /// A step's part of a record's content.
  struct Part {
    std::size_t step;
    std::size_t offset;  ///< in what the record holds
    std::size_t size;
  };

  /// The records, in order, that a message, an alert, a change_cipher_spec or application data came in.
  const std::vector<std::size_t>& records_of(std::size_t step) const { return records_[step]; }
  /// What a record carried, in order; empty: nothing that was told.
  const std::vector<Part>& parts_of(std::size_t record) const { return parts_[record]; }
  /// The number that a record has among those under the same keys (RFC 8446, section 5.3), where it was decrypted.
  std::optional<std::uint64_t> sequence_number(std::size_t record) const { return numbers_[record]; }

 private:
  void carry(std::size_t record, std::size_t step, std::size_t offset, std::size_t size);
  void number(const Recording& recording);
  void match_messages(const Recording& recording, Direction direction);
  template <typename Carried>
  void match_one_each(const Recording& recording, Direction direction, ContentType type);
  void match_data(const Recording& recording, Direction direction);

  std::vector<std::vector<std::size_t>> records_;
  std::vector<std::vector<Part>> parts_;
  std::vector<std::optional<std::uint64_t>> numbers_;
};

}  // namespace handfast::doctor
