# Finds every dependency once: for this build, and installed beside it for whoever uses the package.
# Versions and reasons: third_party/.
find_package(Threads REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(fmt 9 CONFIG REQUIRED)
find_package(nlohmann_json 3.11 CONFIG REQUIRED)
find_package(yaml-cpp 0.7 CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL 7.86 REQUIRED)
find_package(SQLite3 REQUIRED)
if(BESSEMER_TESTS)
  find_package(GTest CONFIG REQUIRED)
endif()
if(BESSEMER_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
find_package(Python3 3.10 COMPONENTS Interpreter REQUIRED)

# The private environments of tools/setup.sh.
if(DEFINED ENV{BESSEMER_DEPS})
  set(BESSEMER_DEPS "$ENV{BESSEMER_DEPS}" CACHE PATH "Private Python environments")
else()
  set(BESSEMER_DEPS "${PROJECT_SOURCE_DIR}/.deps" CACHE PATH "Private Python environments")
endif()
file(GLOB BESSEMER_SITE_PACKAGES "${BESSEMER_DEPS}/runtime/lib/python3*/site-packages")
if(NOT BESSEMER_SITE_PACKAGES)
  message(FATAL_ERROR "${BESSEMER_DEPS}/runtime is missing: run tools/setup.sh")
endif()

# Arrow and Parquet, from the pyarrow wheel.
set(PYARROW "${BESSEMER_SITE_PACKAGES}/pyarrow")
file(GLOB arrow_library "${PYARROW}/libarrow.so.*")
string(REGEX REPLACE ".*\\.so\\." "" arrow_so "${arrow_library}")
foreach(name arrow arrow_compute arrow_acero arrow_dataset parquet)
  add_library(dep::${name} SHARED IMPORTED)
  set_target_properties(dep::${name} PROPERTIES
    IMPORTED_LOCATION "${PYARROW}/lib${name}.so.${arrow_so}"
    INTERFACE_INCLUDE_DIRECTORIES "${PYARROW}/include")
endforeach()

# TensorFlow: headers of the C API only; the library is loaded when a step needs it.
add_library(dep::tensorflow_c INTERFACE IMPORTED)
set(TENSORFLOW_HEADERS "${CMAKE_BINARY_DIR}/bessemer_tensorflow_headers")
foreach(folder tensorflow/c tensorflow/core/platform xla tsl)
  cmake_path(GET folder PARENT_PATH parent)
  if(EXISTS "${BESSEMER_SITE_PACKAGES}/tensorflow/include/${folder}")
    file(MAKE_DIRECTORY "${TENSORFLOW_HEADERS}/${parent}")
    file(CREATE_LINK "${BESSEMER_SITE_PACKAGES}/tensorflow/include/${folder}"
      "${TENSORFLOW_HEADERS}/${folder}" SYMBOLIC)
  endif()
endforeach()
target_include_directories(dep::tensorflow_c SYSTEM INTERFACE "${TENSORFLOW_HEADERS}")

# Libraries that ship neither a CMake package nor a module of CMake's own.
foreach(pair isal:isal deflate:deflate zstd:zstd snappy:snappy lz4:lz4 farmhash:farmhash
             hwy:hwy yaml-cpp:yaml-cpp pq:pq mariadb:mariadb)
  string(REPLACE ":" ";" pair "${pair}")
  list(GET pair 0 name)
  list(GET pair 1 file)
  find_library(BESSEMER_LIB_${name} ${file} REQUIRED)
  add_library(dep::${name} INTERFACE IMPORTED)
  target_link_libraries(dep::${name} INTERFACE "${BESSEMER_LIB_${name}}")
endforeach()

# RE2 as an archive with its symbols hidden: libarrow_compute exports an RE2 of its own, built against
# another Abseil, and whichever the loader found first would serve both. Whole, because the linker
# takes from an archive only what no library before it has: part of each RE2, otherwise.
find_library(BESSEMER_RE2_ARCHIVE libre2.a REQUIRED)
add_library(dep::re2 INTERFACE IMPORTED)
target_link_libraries(dep::re2 INTERFACE
  "$<LINK_LIBRARY:WHOLE_ARCHIVE,${BESSEMER_RE2_ARCHIVE}>")
target_link_options(dep::re2 INTERFACE "LINKER:--exclude-libs,libre2.a")
