// Files of a folder as HTTP responses.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <handfast/error.h>
#include <handfast/http_server.h>

namespace handfast::http {

/// A folder whose files are served. Nothing outside of it is ever reached: not by "..", however it is written, and not
/// by a symbolic link; links that stay inside are followed. Hidden files (a name that begins with a dot) are not there
/// for it, but for /.well-known/ (RFC 8615).
class StaticFiles {
 public:
  /// Fails with file_not_readable (evidence `path`, `error`) where it is no folder.
  static Result<StaticFiles> open(const std::filesystem::path& folder);

  /// Answers GET and HEAD: the file; a folder's index.html, with a redirect to the path with a slash at its end; else
  /// 400, 404 or 405.
  Response answer(const Request& request) const;
  /// Whether a request's target leads, links followed, to `folder` or to something in it. `folder` is a path as
  /// `canonical_path` writes it, and may be a link as well.
  bool leads_into(std::string_view target, std::string_view folder) const;

 private:
  explicit StaticFiles(std::filesystem::path root) noexcept : root_(std::move(root)) {}
  /// The file that a decoded path leads to, or a folder that it names without a slash at its end; canonical.
  std::optional<std::filesystem::path> find(std::string_view decoded) const;
  std::filesystem::path root_;  ///< canonical
};

/// The path that a request's target names, as StaticFiles finds it, however it is written: decoded, without a query,
/// one slash in front of each step and none at the end ("/a/b", "" for the root). Nothing where it is no path, or one
/// with steps that lead up or nowhere.
std::optional<std::string> canonical_path(std::string_view target);

/// What a file's name says of its content: "text/html; charset=utf-8"; "application/octet-stream" where it says
/// nothing.
std::string media_type(const std::filesystem::path& file);

/// A response of some words of plain text.
Response text_response(unsigned status, std::string_view words);

}  // namespace handfast::http
