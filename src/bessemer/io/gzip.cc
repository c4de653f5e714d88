#include "bessemer/io/gzip.h"

#include <isa-l/igzip_lib.h>

#include <cstring>
#include <vector>

namespace bessemer::io {
namespace {

constexpr size_t kBufferSize = 1 << 17;

class Gunzip : public InputStream {
 public:
  explicit Gunzip(std::unique_ptr<InputStream> in) : in_(std::move(in)), buffer_(kBufferSize) {
    path_ = in_->path();
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
  }

  StatusOr<size_t> Read(char* out, size_t size) override {
    state_.next_out = reinterpret_cast<uint8_t*>(out);
    state_.avail_out = static_cast<uint32_t>(std::min<size_t>(size, 1u << 30));
    const uint32_t wanted = state_.avail_out;
    while (state_.avail_out == wanted) {
      if (state_.avail_in == 0 && !at_end_) {
        BESSEMER_ASSIGN_OR_RETURN(
            const size_t got, in_->Read(reinterpret_cast<char*>(buffer_.data()), buffer_.size()));
        at_end_ = got == 0;
        state_.next_in = buffer_.data();
        state_.avail_in = static_cast<uint32_t>(got);
      }
      if (state_.block_state == ISAL_BLOCK_FINISH) {
        if (state_.avail_in == 0 && at_end_) return 0;
        if (state_.avail_in == 0) continue;
        isal_inflate_reset(&state_);  // another member follows
        state_.crc_flag = ISAL_GZIP;
      }
      const uint32_t had = state_.avail_in;
      const int result = isal_inflate(&state_);
      if (result != ISAL_DECOMP_OK && result != ISAL_END_INPUT) {
        return DataLossError("{}: damaged gzip data (code {})", path_, result);
      }
      if (at_end_ && had == 0 && state_.avail_out == wanted &&
          state_.block_state != ISAL_BLOCK_FINISH) {
        return DataLossError("{}: truncated gzip data", path_);
      }
    }
    return wanted - state_.avail_out;
  }

 private:
  std::unique_ptr<InputStream> in_;
  std::vector<uint8_t> buffer_;
  inflate_state state_;
  bool at_end_ = false;
};

class Gzip : public OutputStream {
 public:
  explicit Gzip(std::unique_ptr<OutputStream> out)
      : out_(std::move(out)), level_buffer_(ISAL_DEF_LVL1_DEFAULT), buffer_(kBufferSize) {
    path_ = out_->path();
    isal_deflate_init(&stream_);
    stream_.gzip_flag = IGZIP_GZIP;
    stream_.level = 1;
    stream_.level_buf = level_buffer_.data();
    stream_.level_buf_size = static_cast<uint32_t>(level_buffer_.size());
  }

  Status Write(std::string_view bytes) override {
    pending_.append(bytes);
    return pending_.size() < kBufferSize ? OkStatus() : Deflate(/*last=*/false);
  }

  Status Close() override {
    BESSEMER_RETURN_IF_ERROR(Deflate(/*last=*/true));
    return out_->Close();
  }

 private:
  Status Deflate(bool last) {
    stream_.next_in = reinterpret_cast<uint8_t*>(pending_.data());
    stream_.avail_in = static_cast<uint32_t>(pending_.size());
    stream_.end_of_stream = last;
    do {
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<uint32_t>(buffer_.size());
      if (const int result = isal_deflate(&stream_); result != COMP_OK) {
        return InternalError("{}: deflate failed (code {})", path_, result);
      }
      const size_t size = buffer_.size() - stream_.avail_out;
      BESSEMER_RETURN_IF_ERROR(out_->Write({reinterpret_cast<const char*>(buffer_.data()), size}));
    } while (stream_.avail_out == 0 || (last && stream_.internal_state.state != ZSTATE_END));
    pending_.clear();
    return OkStatus();
  }

  std::unique_ptr<OutputStream> out_;
  isal_zstream stream_;
  std::vector<uint8_t> level_buffer_;
  std::vector<uint8_t> buffer_;
  std::string pending_;
};

}  // namespace

std::unique_ptr<InputStream> GunzipInput(std::unique_ptr<InputStream> in) {
  return std::make_unique<Gunzip>(std::move(in));
}

std::unique_ptr<OutputStream> GzipOutput(std::unique_ptr<OutputStream> out) {
  return std::make_unique<Gzip>(std::move(out));
}

}  // namespace bessemer::io
