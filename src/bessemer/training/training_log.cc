// The files that tell how a training went.
#include <unistd.h>

#include <cmath>

#include "bessemer/base/clock.h"
#include "bessemer/base/json_text.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/training/native_training.h"
#include "tensorflow/core/util/event.pb.h"

namespace bessemer::training {
namespace {

Json NumberOrNull(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

std::string HostName() {
  char name[256] = "";
  if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

Status WriteEventFile(const std::string& dir, const std::vector<CurvePoint>& curve,
                      double CurvePoint::*loss) {
  const double now = static_cast<double>(Clock::System().NowMicros()) * 1e-6;
  const std::string path = fmt::format("{}/events.out.tfevents.{:.0f}.{}", dir, now, HostName());
  BESSEMER_ASSIGN_OR_RETURN(const auto writer,
                            io::TFRecordWriter::Open(path, io::Compression::kNone));
  ::tensorflow::Event first;
  first.set_wall_time(now);
  first.set_file_version("brain.Event:2");
  BESSEMER_RETURN_IF_ERROR(writer->Write(proto::Serialize(first)));
  const double end = curve.empty() ? 0 : curve.back().seconds;
  for (const CurvePoint& point : curve) {
    if (!std::isfinite(point.*loss)) continue;
    ::tensorflow::Event event;
    event.set_wall_time(now - end + point.seconds);
    event.set_step(point.step);
    auto* value = event.mutable_summary()->add_value();
    value->set_tag("epoch_loss");
    value->set_simple_value(static_cast<float>(point.*loss));
    BESSEMER_RETURN_IF_ERROR(writer->Write(proto::Serialize(event)));
  }
  return writer->Close();
}

}  // namespace

Status WriteTrainingCurve(const std::string& path, const std::string& learner,
                          const std::string& task, const std::vector<CurvePoint>& curve) {
  Json points = Json::array();
  for (const CurvePoint& point : curve) {
    points.push_back({{"epoch", point.epoch},
                      {"step", point.step},
                      {"train_loss", NumberOrNull(point.train_loss)},
                      {"eval_loss", NumberOrNull(point.eval_loss)},
                      {"seconds", point.seconds}});
  }
  const Json json = {{"learner", learner}, {"task", task}, {"points", std::move(points)}};
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(io::DirName(path)));
  return io::WriteFileAtomically(path, JsonText(json, 2) + "\n");
}

Status WriteTrainingEvents(const std::string& dir, const std::vector<CurvePoint>& curve) {
  BESSEMER_RETURN_IF_ERROR(WriteEventFile(dir + "/train", curve, &CurvePoint::train_loss));
  for (const CurvePoint& point : curve) {
    if (std::isnan(point.eval_loss)) return OkStatus();
  }
  return WriteEventFile(dir + "/validation", curve, &CurvePoint::eval_loss);
}

}  // namespace bessemer::training
