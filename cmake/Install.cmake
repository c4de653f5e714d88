# `cmake --install build/release --prefix DIR`: the program, and the libraries as the CMake package
# `bessemer` with a target bessemer::<library> each.
set(package lib/cmake/bessemer)
set(installed bessemer_options)
foreach(layer IN LISTS BESSEMER_LAYERS)
  if(TARGET bessemer_${layer})
    set_target_properties(bessemer_${layer} PROPERTIES EXPORT_NAME ${layer})
    target_compile_features(bessemer_${layer} PUBLIC cxx_std_20)
    list(APPEND installed bessemer_${layer})
  endif()
endforeach()
install(TARGETS ${installed} EXPORT bessemer ARCHIVE DESTINATION lib)
set_target_properties(bessemer PROPERTIES INSTALL_RPATH "\$ORIGIN/../lib")
install(TARGETS bessemer RUNTIME DESTINATION bin)
foreach(name IN ITEMS arrow arrow_compute arrow_acero arrow_dataset parquet)
  get_target_property(library dep::${name} IMPORTED_LOCATION)
  install(PROGRAMS "${library}" DESTINATION lib)
endforeach()
install(EXPORT bessemer NAMESPACE bessemer:: FILE bessemerTargets.cmake DESTINATION ${package})
install(DIRECTORY src/bessemer DESTINATION include FILES_MATCHING
  PATTERN "*.h" PATTERN "*_internal.h" EXCLUDE PATTERN "test_*.h" EXCLUDE)

file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/bessemerConfig.cmake" "\
set(BESSEMER_DEPS \"${BESSEMER_DEPS}\" CACHE PATH \"Private Python environments\")
include(\"\${CMAKE_CURRENT_LIST_DIR}/Dependencies.cmake\")
include(\"\${CMAKE_CURRENT_LIST_DIR}/bessemerTargets.cmake\")
")
include(CMakePackageConfigHelpers)
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/bessemerConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES cmake/Dependencies.cmake
  "${CMAKE_CURRENT_BINARY_DIR}/bessemerConfig.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/bessemerConfigVersion.cmake" DESTINATION ${package})
