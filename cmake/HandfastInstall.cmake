# What is installed: one static library of the engine's floors, handfast::handfast, and handfast::asio beside it for
# those who want the Asio Stream; found with find_package(handfast [COMPONENTS asio]) or pkg-config.
#
# The library's own target is `handfast_library`, since `handfast` is the program.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
find_package(Threads REQUIRED)
if(HANDFAST_CRYPTO STREQUAL "openssl")
  set(libcrypto OpenSSL::Crypto)
  set(libcrypto_dependency "OpenSSL 3.0 COMPONENTS Crypto")
  set(libcrypto_requires "libcrypto >= 3.0")
elseif(TARGET AWS::crypto)
  set(libcrypto AWS::crypto)
  set(libcrypto_dependency "crypto")
  set(libcrypto_requires "libcrypto")
else()  # built from its sources within this build: it is not ours to install
  set(libcrypto crypto)
  set(HANDFAST_INSTALL OFF)
endif()

# One library out of the objects of those floors that are there. What the floors need from outside is written once
# more, in find_dependency's and pkg-config's words, in handfastConfig.cmake.in and handfast.pc.in; a floor that needs
# something else stops here.
function(handfast_join target output_name)
  cmake_parse_arguments(PARSE_ARGV 2 JOIN "" "" "FLOORS;KNOWN")
  add_library(${target} STATIC)
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${output_name} POSITION_INDEPENDENT_CODE ON LINKER_LANGUAGE CXX)
  target_compile_features(${target} PUBLIC cxx_std_23)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  foreach(floor ${JOIN_FLOORS})
    if(NOT TARGET handfast_${floor}_objects)
      continue()
    endif()
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:handfast_${floor}_objects>)
    get_target_property(needed handfast_${floor} INTERFACE_LINK_LIBRARIES)
    foreach(library ${needed})
      if(library MATCHES "^handfast_")
        continue()
      elseif(NOT library IN_LIST JOIN_KNOWN)
        message(FATAL_ERROR "src/${floor} needs ${library}, which the installed package does not name: "
                            "see cmake/HandfastInstall.cmake.")
      endif()
      target_link_libraries(${target} PUBLIC ${library})
    endforeach()
  endforeach()
endfunction()

handfast_join(handfast_library handfast
  FLOORS ${HANDFAST_ENGINE_FLOORS}
  KNOWN fmt::fmt ${libcrypto} Threads::Threads)
target_link_libraries(handfast_library PUBLIC Threads::Threads)
set_target_properties(handfast_library PROPERTIES EXPORT_NAME handfast)
add_library(handfast::handfast ALIAS handfast_library)

if(TARGET handfast_net_objects)
  handfast_join(handfast_asio handfast-asio
    FLOORS ${HANDFAST_ASIO_FLOORS}
    KNOWN fmt::fmt ${libcrypto} Threads::Threads Boost::boost Boost::headers PkgConfig::libidn2)
  target_link_libraries(handfast_asio PUBLIC handfast_library)
  set_target_properties(handfast_asio PROPERTIES EXPORT_NAME asio)
  add_library(handfast::asio ALIAS handfast_asio)
endif()

if(NOT HANDFAST_INSTALL)
  return()
endif()
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/handfast)
install(TARGETS handfast_library EXPORT handfastTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(EXPORT handfastTargets NAMESPACE handfast:: DESTINATION ${package_dir} COMPONENT development)
if(TARGET handfast_asio)
  install(TARGETS handfast_asio EXPORT handfastAsioTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
  install(EXPORT handfastAsioTargets NAMESPACE handfast:: DESTINATION ${package_dir} COMPONENT development)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/handfast
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN "*.h")

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/handfastConfig.cmake.in
  ${PROJECT_BINARY_DIR}/handfastConfig.cmake INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/handfastConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/handfastConfig.cmake ${PROJECT_BINARY_DIR}/handfastConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT development)
# pkg-config finds the rest from where the .pc file lies (${pcfiledir}), so an installed tree may be moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE libdir)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}
  OUTPUT_VARIABLE includedir)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
  OUTPUT_VARIABLE prefix_from_pc)
set(package_files handfast.pc)
if(TARGET handfast_asio)
  list(APPEND package_files handfast-asio.pc)
endif()
foreach(file ${package_files})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${file}.in ${PROJECT_BINARY_DIR}/${file} @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endforeach()
