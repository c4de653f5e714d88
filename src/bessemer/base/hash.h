#ifndef BESSEMER_BASE_HASH_H_
#define BESSEMER_BASE_HASH_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bessemer {

using Sha256Digest = std::array<uint8_t, 32>;

// SHA-256 (FIPS 180-4).
Sha256Digest Sha256(std::string_view data);
std::string Sha256Hex(std::string_view data);

// SHA-256 of a stream. Each field is preceded by its length, so that ("ab","c") and ("a","bc")
// differ: the form used for fingerprints.
class Fingerprinter {
 public:
  Fingerprinter();
  ~Fingerprinter();
  Fingerprinter(Fingerprinter&&) noexcept;
  Fingerprinter& operator=(Fingerprinter&&) noexcept;

  Fingerprinter& Add(std::string_view field);
  Fingerprinter& AddRaw(std::string_view bytes);  // no length: parts of one field
  std::string FinishHex();                        // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// FarmHash Fingerprint64: what TensorFlow's string hashing ops compute.
uint64_t Fingerprint64(std::string_view data);

}  // namespace bessemer

#endif  // BESSEMER_BASE_HASH_H_
