#include "controller/runtime/manifests.hpp"

#include <cerrno>
#include <fstream>
#include <iostream>
#include <system_error>

#include "controller/kubernetes/json_access.hpp"
#include "controller/runtime/yaml.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

Result<std::string> ReadAll(std::istream& stream) {
  std::string text(kMaxBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return Invalid("cannot be read");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxBytes) return Invalid("is larger than 16 MiB");
  return text;
}

void AddObjects(const json& document, std::vector<json>& objects) {
  if (document.is_null()) return;
  const json* items = FindField(document, "items");
  if (StringField(document, "kind").ends_with("List") && items != nullptr && items->is_array()) {
    objects.insert(objects.end(), items->begin(), items->end());
  } else {
    objects.push_back(document);
  }
}

}  // namespace

Result<std::string> ReadTextFile(const std::string& file) {
  if (file == "-") return ReadAll(std::cin);
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Invalid(std::error_code(errno, std::generic_category()).message());
  return ReadAll(stream);
}

Result<std::vector<json>> ReadManifests(const std::string& file) {
  const Result<std::string> text = ReadTextFile(file);
  if (!text) return text.error();
  const Result<std::vector<json>> documents = YamlToJson(*text);
  if (!documents) return documents.error();
  std::vector<json> objects;
  for (const json& document : *documents) AddObjects(document, objects);
  return objects;
}

}  // namespace evenkeel
