#include "bessemer/tensorflow/checkpoint.h"

#include <vector>

#include "bessemer/io/crc32c.h"
#include "bessemer/io/file.h"
#include "bessemer/proto/serialize.h"
#include "tensorflow/core/protobuf/tensor_bundle.pb.h"

namespace bessemer::tf {
namespace {

// LevelDB's table format, as doc/table_format.md of that project describes it: one data block, an
// empty meta index, one index entry. No compression.
constexpr uint64_t kTableMagic = 0xdb4775248b80fb57;
constexpr size_t kFooterBytes = 48;

void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}

void AppendFixed(uint64_t value, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

// A block in which every entry is a restart point: keys are stored whole.
class Block {
 public:
  void Add(std::string_view key, std::string_view value) {
    restarts_.push_back(static_cast<uint32_t>(bytes_.size()));
    AppendVarint(0, &bytes_);  // bytes shared with the key before
    AppendVarint(key.size(), &bytes_);
    AppendVarint(value.size(), &bytes_);
    bytes_ += key;
    bytes_ += value;
  }

  // Appends the block and its trailer to a file; returns its handle (offset and size).
  std::string Finish(std::string* file) {
    if (restarts_.empty()) restarts_.push_back(0);
    for (const uint32_t restart : restarts_) AppendFixed(restart, 4, &bytes_);
    AppendFixed(restarts_.size(), 4, &bytes_);
    std::string handle;
    AppendVarint(file->size(), &handle);
    AppendVarint(bytes_.size(), &handle);
    bytes_.push_back('\0');  // not compressed
    AppendFixed(io::MaskCrc(io::Crc32c(bytes_)), 4, &bytes_);
    *file += bytes_;
    return handle;
  }

 private:
  std::string bytes_;
  std::vector<uint32_t> restarts_;
};

}  // namespace

Status WriteCheckpoint(const std::string& prefix,
                       const std::map<std::string, HostTensor>& tensors) {
  ::tensorflow::BundleHeaderProto header;
  header.set_num_shards(1);
  header.mutable_version()->set_producer(1);
  Block entries;
  entries.Add("", proto::Serialize(header));

  BESSEMER_ASSIGN_OR_RETURN(auto data, io::OpenOutput(prefix + ".data-00000-of-00001"));
  int64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {  // a map: in the order the table needs
    if (DataTypeSize(tensor.dtype()) == 0) {
      return InvalidArgumentError("variable '{}' of type {} cannot be saved", name,
                                  ::tensorflow::DataType_Name(tensor.dtype()));
    }
    const std::string_view bytes(static_cast<const char*>(tensor.data()), tensor.num_bytes());
    ::tensorflow::BundleEntryProto entry;
    entry.set_dtype(tensor.dtype());
    for (const int64_t size : tensor.shape()) entry.mutable_shape()->add_dim()->set_size(size);
    entry.set_offset(offset);
    entry.set_size(tensor.num_bytes());
    entry.set_crc32c(io::MaskCrc(io::Crc32c(bytes)));
    entries.Add(name, proto::Serialize(entry));
    BESSEMER_RETURN_IF_ERROR(data->Write(bytes));
    offset += tensor.num_bytes();
  }
  BESSEMER_RETURN_IF_ERROR(data->Close());

  std::string file;
  const std::string last_key = tensors.empty() ? "" : tensors.rbegin()->first;
  const std::string entries_handle = entries.Finish(&file);
  std::string footer = Block().Finish(&file);
  Block index;
  index.Add(last_key, entries_handle);
  footer += index.Finish(&file);
  footer.resize(kFooterBytes - 8);
  AppendFixed(kTableMagic, 8, &footer);
  file += footer;
  BESSEMER_ASSIGN_OR_RETURN(auto out, io::OpenOutput(prefix + ".index"));
  BESSEMER_RETURN_IF_ERROR(out->Write(file));
  return out->Close();
}

}  // namespace bessemer::tf
