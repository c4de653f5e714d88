# bessemer_library(NAME [PUBLIC_DEPS ...] [DEPS ...] [PLUGIN_REGISTRY <C++ type> <header>])
#
# Makes bessemer::NAME from the .cc files of the calling folder and of its plug-in folders, and one
# test binary from the *_test.cc files beside them. A plug-in is a sub-folder with a register.cc that
# defines `void Register(<registry type>&)` in namespace bessemer::NAME::<folder>; the list of calls,
# `void bessemer::NAME::RegisterPlugins(<registry type>&)`, is written into the build tree.
set(BESSEMER_SANITIZE "" CACHE STRING "Sanitizers, as given to -fsanitize")

add_library(bessemer_options INTERFACE)
target_compile_options(bessemer_options INTERFACE -Wall -Wextra -Wno-unused-parameter
  -Wno-missing-field-initializers -Wno-restrict -Werror
  -Wno-error=maybe-uninitialized -Wno-error=deprecated-declarations)
target_include_directories(bessemer_options INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>")
target_link_options(bessemer_options INTERFACE -fuse-ld=mold "LINKER:--as-needed")
if(BESSEMER_SANITIZE)
  # -O1: half the compile time of -O2, and stack traces that still name the functions.
  target_compile_options(bessemer_options INTERFACE
    -fsanitize=${BESSEMER_SANITIZE} -fno-omit-frame-pointer -g1 -O1)
  target_link_options(bessemer_options INTERFACE -fsanitize=${BESSEMER_SANITIZE})
endif()

# With BESSEMER_FUZZ (clang), every *_fuzz.cc becomes a libFuzzer program in build/<preset>/fuzz.
option(BESSEMER_FUZZ "Build the fuzz targets" OFF)
if(BESSEMER_FUZZ)
  target_compile_options(bessemer_options INTERFACE -fsanitize=fuzzer-no-link
    -Wno-unknown-warning-option -Wno-error)
endif()

function(bessemer_library name)
  cmake_parse_arguments(ARG "" "" "PUBLIC_DEPS;DEPS;TEST_DEPS;PLUGIN_REGISTRY" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*.cc")
  set(tests ${sources})
  set(benchmarks ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|_benchmark|_fuzz|_main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER benchmarks INCLUDE REGEX "_benchmark\\.cc$")

  if(ARG_PLUGIN_REGISTRY)
    list(GET ARG_PLUGIN_REGISTRY 0 type)
    list(GET ARG_PLUGIN_REGISTRY 1 header)
    bessemer_write_plugin_list(${name} ${type} ${header} plugin_list)
    list(APPEND sources "${plugin_list}")
  endif()

  add_library(bessemer_${name} STATIC ${sources})
  add_library(bessemer::${name} ALIAS bessemer_${name})
  target_link_libraries(bessemer_${name}
    PUBLIC absl::status absl::statusor fmt::fmt ${ARG_PUBLIC_DEPS}
    PRIVATE bessemer_options ${ARG_DEPS})
  target_include_directories(bessemer_${name} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>" "$<INSTALL_INTERFACE:include>")

  if(BESSEMER_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE bessemer_options bessemer_${name} ${ARG_DEPS}
      ${ARG_TEST_DEPS} GTest::gmock GTest::gtest_main)
    add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES ENVIRONMENT
      "BESSEMER_BINARY=${PROJECT_SOURCE_DIR}/bin/bessemer;BESSEMER_DEPS=${BESSEMER_DEPS}")
  endif()
  if(BESSEMER_FUZZ)
    file(GLOB_RECURSE fuzzers CONFIGURE_DEPENDS "*_fuzz.cc")
    foreach(fuzzer IN LISTS fuzzers)
      cmake_path(GET fuzzer STEM target)
      add_executable(${target} "${fuzzer}")
      target_link_libraries(${target} PRIVATE bessemer_options bessemer_${name} ${ARG_DEPS})
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
      set_target_properties(${target} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
    endforeach()
  endif()
  if(BESSEMER_BENCHMARKS AND benchmarks)
    add_executable(${name}_benchmark ${benchmarks})
    target_link_libraries(${name}_benchmark PRIVATE bessemer_options bessemer_${name} ${ARG_DEPS}
      benchmark::benchmark_main)
  endif()
endfunction()

# Writes plugins.cc, which calls the Register function of every plug-in folder.
function(bessemer_write_plugin_list name type header out)
  file(GLOB_RECURSE registers CONFIGURE_DEPENDS "*/register.cc")
  list(SORT registers)
  set(declarations "")
  set(calls "")
  foreach(register IN LISTS registers)
    cmake_path(GET register PARENT_PATH folder)
    cmake_path(GET folder FILENAME plugin)
    string(APPEND declarations "namespace ${plugin} { void Register(${type}& registry); }\n")
    string(APPEND calls "  ${plugin}::Register(registry);\n")
  endforeach()
  set(file "${CMAKE_CURRENT_BINARY_DIR}/plugins.cc")
  file(CONFIGURE OUTPUT "${file}" CONTENT [[
// Written by CMake from the plug-in folders.
#include "@header@"

namespace bessemer::@name@ {
@declarations@
void RegisterPlugins(@type@& registry) {
@calls@}
}  // namespace bessemer::@name@
]] @ONLY)
  set(${out} "${file}" PARENT_SCOPE)
endfunction()
