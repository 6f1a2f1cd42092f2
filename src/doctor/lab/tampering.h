// What a faulty server does to its own handshake messages. The engine writes none that are wrong; here they are taken
// out of its records, changed, and put back under its keys, which its trace tells.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/trace.h>
#include <handfast/types.h>

#include "base/output_buffer.h"
#include "record/protection.h"
#include "schedule/secrets.h"

namespace handfast::doctor::lab {

/// What is done to the messages of the server's flight, which the client's transcript then differs by.
struct Tampering {
  /// Gives what is sent in a message's place: any number of whole messages. Null: every one stays what it is.
  std::function<std::vector<Buffer>(HandshakeType, Buffer)> change;
  /// A bit of the first protected record is flipped, so that it does not decrypt.
  bool breaks_seal = false;

  bool is_none() const noexcept { return !change && !breaks_seal; }
};

/// Does it to one connection of a server, as whose Trace it has to be given secrets (CommonOptions::trace_secrets). It
/// reaches what is in the clear, in TLS 1.2 and 1.3, and what is under the handshake keys of TLS 1.3.
class Tamperer final : public Trace {
 public:
  explicit Tamperer(const Tampering& tampering) noexcept : tampering_(tampering) {}

  void on(const TraceEvent& event) override;
  /// What goes out instead of `output`, which is whole records. Fails where it has lost track of the keys.
  Result<Buffer> pass(Bytes output);

 private:
  Result<void> pass_record(MutableBytes record, base::OutputBuffer& out);
  Result<void> pass_messages(Bytes fragment, base::OutputBuffer& out);
  Result<void> send(Bytes message, base::OutputBuffer& out);

  const Tampering& tampering_;
  const crypto::SuiteParts* suite_ = nullptr;
  std::optional<record::Protection> reader_;
  std::optional<record::Protection> writer_;
  Buffer partial_;  ///< of a message
  bool done_ = false;
};

}  // namespace handfast::doctor::lab
