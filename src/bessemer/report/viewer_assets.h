#ifndef BESSEMER_REPORT_VIEWER_ASSETS_H_
#define BESSEMER_REPORT_VIEWER_ASSETS_H_

#include <string_view>

namespace bessemer::report {

// The bundled viewer (sources in web/), compiled into the binary. Neither holds a closing tag.
std::string_view ViewerScript();
std::string_view ViewerStyle();

}  // namespace bessemer::report

#endif  // BESSEMER_REPORT_VIEWER_ASSETS_H_
