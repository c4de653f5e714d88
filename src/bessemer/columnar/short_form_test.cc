#include "bessemer/columnar/short_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/columnar/utf8.h"

namespace bessemer::columnar {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ShortForm, SaysWhatATextIsAndTellsItFromOthers) {
  const std::string text(5000, 'x');
  const std::string form = ShortForm(text);
  EXPECT_THAT(form, StartsWith(std::string(256, 'x') + "… (5000 bytes, SHA-256 "));
  EXPECT_NE(form, ShortForm(text + "x"));
  EXPECT_NE(form, ShortForm(std::string(4999, 'x') + "y"));
  EXPECT_EQ(form, ShortForm(std::string(5000, 'x')));
  EXPECT_LE(form.size(), kLargeValueBytes);
}

TEST(ShortForm, EndsBetweenCharacters) {
  for (const char* const character : {"é", "€", "😀"}) {
    for (const char* const before : {"", "a", "ab", "abc"}) {
      std::string text = before;
      while (text.size() < 2000) text += character;
      const std::string form = ShortForm(text);
      EXPECT_TRUE(IsUtf8(form)) << before << character;
      EXPECT_THAT(form, HasSubstr(std::string(character) + "… ("));
    }
  }
}

TEST(ShortForm, OfBytesIsNoText) {
  const std::string image = "\xff\xd8" + std::string(5000, '\0');
  const std::string late = std::string(5000, 'x') + '\xff';  // text, as far as it is kept
  for (const std::string& bytes : {image, late}) {
    const std::string form = ShortForm(bytes);
    EXPECT_THAT(form, StartsWith(bytes.substr(0, 256)));
    EXPECT_FALSE(IsUtf8(form));
    EXPECT_LE(form.size(), kLargeValueBytes);
    EXPECT_NE(form, ShortForm(bytes + '\0'));
  }
}

}  // namespace
}  // namespace bessemer::columnar
