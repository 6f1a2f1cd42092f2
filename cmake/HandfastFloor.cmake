# The floors that are installed: handfast::handfast, and handfast::asio beside it.
set(HANDFAST_ENGINE_FLOORS base crypto x509 wire record schedule session config handshake engine)
set(HANDFAST_ASIO_FLOORS net http)
set(HANDFAST_INSTALLED_FLOORS ${HANDFAST_ENGINE_FLOORS} ${HANDFAST_ASIO_FLOORS})

# handfast_floor(<name> SOURCES <file>... [DEPENDS <floor or library>...])
#
# One folder of src/ as a library of its own, handfast_<name>, which links only the floors below it. The objects are
# there a second time as handfast_<name>_objects, for the library that is installed.
function(handfast_floor name)
  cmake_parse_arguments(PARSE_ARGV 1 FLOOR "" "" "SOURCES;DEPENDS")
  add_library(handfast_${name}_objects OBJECT ${FLOOR_SOURCES})
  set_target_properties(handfast_${name}_objects PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(handfast_${name}_objects PUBLIC
    ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(handfast_${name}_objects PRIVATE handfast_flags PUBLIC ${FLOOR_DEPENDS})
  # Others take the library's files in as they are: one build of two compiles each of them alone.
  if(HANDFAST_SANITIZE OR NOT name IN_LIST HANDFAST_INSTALLED_FLOORS)
    handfast_unity(handfast_${name}_objects)
  endif()
  add_library(handfast_${name} STATIC $<TARGET_OBJECTS:handfast_${name}_objects>)
  set_target_properties(handfast_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(handfast_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(handfast_${name} PUBLIC ${FLOOR_DEPENDS})
endfunction()

# handfast_test(<name> SOURCES <file>... LINKS <library>...)
#
# A GoogleTest program, one test of ctest, labelled with its folder. Where the vectors, the sources and the build are,
# it learns from its environment; what each of its cases gave, it leaves in test-results/ for scripts/test to count.
function(handfast_test name)
  cmake_parse_arguments(PARSE_ARGV 1 TEST "" "" "SOURCES;LINKS")
  add_executable(${name} ${TEST_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  handfast_unity(${name})
  target_link_libraries(${name} PRIVATE handfast_flags ${TEST_LINKS} GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME folder)
  set_tests_properties(${name} PROPERTIES LABELS ${folder} PROCESSORS 2 ENVIRONMENT "${HANDFAST_TEST_ENVIRONMENT};\
GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/test-results/${name}.xml")
endfunction()
