// Everything that can go wrong, as people look it up: what it means, whose fault it is, how to mend it, and what other
// programs call it.
#pragma once

#include <span>
#include <string_view>

namespace handfast::doctor {

// The texts are set in paragraphs with an empty line between two; where a line within one ends means nothing. A line
// that begins with two blanks is meant to be copied and stays as it is (doctor/catalogue/prose.h reads that).

/// How it is mended where that is known: in the configuration of a server, or by a command.
struct Cure {
  std::string_view where;  ///< "nginx", "Apache httpd", "HAProxy", "Caddy"; "client"; "anywhere"
  std::string_view text;   ///< lines that can be copied, or a sentence; NAME and the like stand for the reader's own
};

/// What another program says where this is what happened.
struct Alias {
  std::string_view program;  ///< "OpenSSL", "curl", "Chromium", ...
  std::string_view text;     ///< as it prints it; '*' stands for what differs
};

struct Entry {
  std::string_view code;        ///< "HF0213": of a Reason, a Finding or an Alert
  std::string_view word;        ///< "name_mismatch", "plain_http", "alert_unknown_ca"
  std::string_view title;       ///< a line: "The certificate is for another name"
  std::string_view meaning;     ///< what happened, and why it happens
  std::string_view fault;       ///< whose it is, and where that depends, on what
  std::string_view check = {};  ///< what to look at or to type to make sure; may be empty
  std::string_view rfc = {};    ///< "RFC 9525, section 6"; may be empty
  std::span<const Cure> cures = {};
  std::span<const Alias> aliases = {};
  bool is_general = false;  ///< its words stand around another's cause, and count only where that is not known
};

/// The codes that belong together, by how they begin.
struct Family {
  std::string_view prefix;  ///< "HF02"
  std::string_view title;   ///< "Certificates, and proofs of them"
};

/// All of them, in the order of their codes. The first call puts them together.
std::span<const Entry> catalogue();
/// By code (in any case) or word; nullptr: there is none.
const Entry* find_entry(std::string_view code_or_word) noexcept;
/// The families in their order: every code belongs to one.
std::span<const Family> families() noexcept;

}  // namespace handfast::doctor
