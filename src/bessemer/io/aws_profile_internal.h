#ifndef BESSEMER_IO_AWS_PROFILE_INTERNAL_H_
#define BESSEMER_IO_AWS_PROFILE_INTERNAL_H_

#include <string>
#include <string_view>

namespace bessemer::io {

// A setting of the profile in use ($AWS_PROFILE, else "default") in Amazon's configuration file
// ($AWS_CONFIG_FILE, else ~/.aws/config), or "".
std::string AwsProfileValue(std::string_view name);

// The same in the text of such a file, where sections are "[profile x]" and "[default]".
std::string ProfileValueIn(std::string_view text, std::string_view profile, std::string_view name);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_AWS_PROFILE_INTERNAL_H_
