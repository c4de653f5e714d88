#include "bessemer/base/hash.h"

#include <farmhash.h>
#include <fmt/format.h>
#include <openssl/evp.h>

namespace bessemer {
namespace {

std::string Hex(const uint8_t* bytes, size_t size) {
  std::string text;
  text.reserve(2 * size);
  for (size_t i = 0; i < size; ++i) fmt::format_to(std::back_inserter(text), "{:02x}", bytes[i]);
  return text;
}

}  // namespace

Sha256Digest Sha256(std::string_view data) {
  Sha256Digest digest;
  unsigned int size = 0;
  EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return digest;
}

std::string Sha256Hex(std::string_view data) {
  const Sha256Digest digest = Sha256(data);
  return Hex(digest.data(), digest.size());
}

struct Fingerprinter::State {
  State() : context(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context, EVP_sha256(), nullptr); }
  ~State() { EVP_MD_CTX_free(context); }
  EVP_MD_CTX* context;
};

Fingerprinter::Fingerprinter() : state_(std::make_unique<State>()) {}
Fingerprinter::~Fingerprinter() = default;
Fingerprinter::Fingerprinter(Fingerprinter&&) noexcept = default;
Fingerprinter& Fingerprinter::operator=(Fingerprinter&&) noexcept = default;

Fingerprinter& Fingerprinter::Add(std::string_view field) {
  uint64_t size = field.size();
  uint8_t prefix[8];
  for (uint8_t& byte : prefix) {
    byte = static_cast<uint8_t>(size);
    size >>= 8;
  }
  EVP_DigestUpdate(state_->context, prefix, sizeof(prefix));
  return AddRaw(field);
}

Fingerprinter& Fingerprinter::AddRaw(std::string_view bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
  return *this;
}

std::string Fingerprinter::FinishHex() {
  Sha256Digest digest;
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, digest.data(), &size);
  return Hex(digest.data(), digest.size());
}

uint64_t Fingerprint64(std::string_view data) {
  return util::Fingerprint64(data.data(), data.size());
}

}  // namespace bessemer
