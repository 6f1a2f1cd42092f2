#include "http/static_files.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace handfast::http {
namespace {

namespace fs = std::filesystem;

struct MediaType {
  std::string_view extension;
  std::string_view type;
};
constexpr MediaType media_types[] = {
    {".html", "text/html; charset=utf-8"},
    {".htm", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/markdown; charset=utf-8"},
    {".csv", "text/csv; charset=utf-8"},
    {".xml", "application/xml"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".avif", "image/avif"},
    {".ico", "image/x-icon"},
    {".wasm", "application/wasm"},
    {".pdf", "application/pdf"},
    {".woff", "font/woff"},
    {".woff2", "font/woff2"},
    {".ttf", "font/ttf"},
    {".mp3", "audio/mpeg"},
    {".ogg", "audio/ogg"},
    {".wav", "audio/wav"},
    {".mp4", "video/mp4"},
    {".webm", "video/webm"},
    {".zip", "application/zip"},
    {".gz", "application/gzip"},
    {".pem", "application/x-pem-file"},
};

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// RFC 3986, section 2.1. Nothing for a broken escape or a NUL.
std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high << 4 | low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    out += c;
  }
  return out;
}

/// A request's target without its query.
std::string_view path_of(std::string_view target) { return target.substr(0, target.find_first_of("?#")); }

/// The path of a request's target; nothing where it is none.
std::optional<std::string> decoded_path(std::string_view target) {
  std::optional<std::string> decoded = percent_decode(path_of(target));
  if (decoded && !decoded->starts_with('/')) decoded.reset();
  return decoded;
}

/// Whether every step of the path is one down, into something that is not hidden.
bool goes_down(const fs::path& path) {
  return std::all_of(path.begin(), path.end(), [](const fs::path& step) {
    const std::string name = step.string();
    return !name.starts_with('.') || name == ".well-known";
  });
}

bool is_within(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

Response redirect(std::string_view path) {
  // One slash at the front: two would name a host (RFC 3986, section 4.2).
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  Response response = text_response(301, "It is a folder.");
  response.fields.push_back({"Location", '/' + std::string(path) + '/'});
  return response;
}

Response not_found() { return text_response(404, "There is nothing of that name here."); }

}  // namespace

std::string media_type(const fs::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const MediaType& row : media_types)
    if (row.extension == extension) return std::string(row.type);
  return "application/octet-stream";
}

Result<StaticFiles> StaticFiles::open(const fs::path& folder) {
  std::error_code error;
  fs::path root = fs::canonical(folder, error);
  if (!error && !fs::is_directory(root, error) && !error) error = std::make_error_code(std::errc::not_a_directory);
  if (error)
    return fail(Error(Alert::internal_error, Reason::file_not_readable)
                    .with("path", folder.string())
                    .with("error", error.message()));
  return StaticFiles(std::move(root));
}

Response StaticFiles::answer(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    Response response = text_response(405, "Only GET and HEAD are answered here.");
    response.fields.push_back({"Allow", "GET, HEAD"});
    return response;
  }
  const std::optional<std::string> decoded = decoded_path(request.target);
  if (!decoded) return text_response(400, "That is no path.");
  std::optional<fs::path> file = find(*decoded);
  if (!file) return not_found();
  std::error_code error;
  if (fs::is_directory(*file, error)) return redirect(path_of(request.target));
  Response response;
  response.fields = {{"Content-Type", media_type(*file)}, {"X-Content-Type-Options", "nosniff"}};
  response.file = *std::move(file);
  return response;
}

bool StaticFiles::leads_into(std::string_view target, std::string_view folder) const {
  const std::optional<std::string> decoded = decoded_path(target);
  const std::optional<fs::path> file = decoded ? find(*decoded) : std::nullopt;
  if (!file) return false;
  std::error_code error;
  const fs::path place = fs::weakly_canonical(root_ / fs::path(folder).relative_path(), error);
  return error || is_within(*file, place);
}

std::optional<fs::path> StaticFiles::find(std::string_view decoded) const {
  const fs::path below = fs::path(decoded).relative_path();
  if (!goes_down(below)) return std::nullopt;
  const bool slash_at_end = decoded.ends_with('/');

  std::error_code error;
  fs::path file = fs::canonical(root_ / below, error);
  if (error || !is_within(file, root_)) return std::nullopt;
  if (fs::is_directory(file, error)) {
    if (!slash_at_end) return file;
    file = fs::canonical(file / "index.html", error);
    if (error || !is_within(file, root_)) return std::nullopt;
  } else if (slash_at_end) {
    return std::nullopt;
  }
  if (!fs::is_regular_file(file, error)) return std::nullopt;
  return file;
}

std::optional<std::string> canonical_path(std::string_view target) {
  const std::optional<std::string> decoded = decoded_path(target);
  if (!decoded) return std::nullopt;
  std::string out;
  for (const fs::path& step : fs::path(*decoded).relative_path()) {
    const std::string name = step.string();
    if (name.empty()) continue;  // a slash at the end
    if (name == "." || name == "..") return std::nullopt;
    out.append("/").append(name);
  }
  return out;
}

Response text_response(unsigned status, std::string_view words) {
  Response response;
  response.status = status;
  response.fields = {{"Content-Type", "text/plain; charset=utf-8"}};
  response.body = std::string(words) + '\n';
  return response;
}

}  // namespace handfast::http
