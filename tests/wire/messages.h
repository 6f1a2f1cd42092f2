// What the tests of wire/ share: samples, extension blocks, and walking a message to its last field.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "support/hex.h"
#include "wire/extension.h"
#include "wire/list.h"

namespace handfast::test {

/// A whole handshake message, header included.
struct Sample {
  std::string name;
  Buffer message;
  HandshakeType type() const { return HandshakeType{message.at(0)}; }
  Bytes body() const { return Bytes(message).subspan(4); }
};

/// The messages of the RFC's traces, as its text has them, and the one ClientHello that stands there in parts only.
std::vector<Sample> rfc8448_messages();

/// Splits concatenated messages; throws where they do not end with one.
std::vector<Sample> split_messages(const std::string& name, Bytes bytes);

/// Parses a body and looks at every byte of every value; gives the error, or nothing where there is a value.
std::optional<Error> parse_and_walk(HandshakeType type, Bytes body);

/// Writes what was parsed from the message. Only for what parses.
Buffer rewrite(HandshakeType type, Bytes body);

/// Copies of what a view holds.
Buffer to_buffer(Bytes bytes);
std::vector<Buffer> to_buffers(const std::optional<wire::List<wire::Opaque16>>& list);
template <typename Item>
std::vector<Item> to_vector(const wire::List<Item>& list) {
  std::vector<Item> items;
  for (const Item& item : list) items.push_back(item);
  return items;
}
template <typename Item>
std::vector<Item> to_vector(const std::optional<wire::List<Item>>& list) {
  return to_vector(list ? *list : wire::List<Item>());
}

/// An extension block without its length: {type, content in hexadecimal}.
Buffer extension_block(std::initializer_list<std::pair<ExtensionType, std::string_view>> extensions);

/// `bytes` after a length of `width` bytes.
Buffer prefixed(std::size_t width, Bytes bytes);
Buffer operator+(Buffer left, Bytes right);

/// Whether `result` is the error that is meant: its alert, its reason and each of these pieces of evidence as text.
using Evidence = std::initializer_list<std::pair<std::string_view, std::string_view>>;
testing::AssertionResult is_error(const std::optional<Error>& error, Alert alert, Reason reason,
                                  Evidence evidence = {});

template <typename T>
testing::AssertionResult is_error(const Result<T>& result, Alert alert, Reason reason, Evidence evidence = {}) {
  return is_error(result ? std::nullopt : std::optional<Error>(result.error()), alert, reason, evidence);
}

}  // namespace handfast::test
