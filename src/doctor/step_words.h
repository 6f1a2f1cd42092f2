// What a step of a recording says in a drawing: on its arrow, and beneath it.
#pragma once

#include <string>
#include <vector>

#include <handfast/verification.h>

#include "doctor/recording.h"
#include "doctor/style.h"

namespace handfast::doctor {

/// Something that went from one side to the other. Texts are safe to be shown.
struct Arrow {
  Direction direction{};
  bool encrypted = false;
  Paint paint = Paint::plain;
  std::string text;
};
Arrow arrow_of(const Message& message);  ///< "ClientHello, 234 bytes"
Arrow arrow_of(const ChangeCipherSpec& ccs);
Arrow arrow_of(const AlertSeen& alert);
Arrow arrow_of(const Data& data);

/// A list that stands beneath.
struct Note {
  Paint paint = Paint::plain;
  std::vector<std::string> items;
};
Note note_of(const SessionSeen& seen);
Note note_of(const EarlyDataSeen& seen);
/// What passed, a certificate a note; then what failed, and what was not looked at.
std::vector<Note> notes_of(const VerificationReport& report, const Style& style);

}  // namespace handfast::doctor
