// Sending, for flows that keep a transcript.
#pragma once

#include <handfast/bytes.h>
#include <handfast/trace.h>

#include "handshake/engine.h"
#include "schedule/transcript.h"

namespace handfast::handshake {

/// Adds a message to the transcript and sends it.
inline void send(Engine& engine, schedule::Transcript& transcript, Level level, Bytes message) {
  transcript.add(message);
  engine.send(level, message);
}

}  // namespace handfast::handshake
