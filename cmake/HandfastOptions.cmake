# What can be chosen when Handfast is built, and the compiler flags that all of it obeys.
option(HANDFAST_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(HANDFAST_BENCH "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(HANDFAST_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(HANDFAST_PROGRAM "Build the handfast program" ${PROJECT_IS_TOP_LEVEL})
option(HANDFAST_INSTALL "Make the rules that install the library" ${PROJECT_IS_TOP_LEVEL})
option(HANDFAST_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(HANDFAST_UNITY "Compile several files at a time: half the work from nothing, more of it after a change" OFF)
set(HANDFAST_CRYPTO "openssl" CACHE STRING "Where the primitives come from: openssl or aws-lc")
set_property(CACHE HANDFAST_CRYPTO PROPERTY STRINGS openssl aws-lc)
set(HANDFAST_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

add_library(handfast_flags INTERFACE)
target_compile_options(handfast_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion
  # Where warnings are errors, this one is not: g++ 12 cannot follow std::variant and std::expected.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-error=maybe-uninitialized>)
if(HANDFAST_SANITIZE)
  add_compile_options(-fsanitize=${HANDFAST_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${HANDFAST_SANITIZE})
endif()
# A fifth of the time that g++ takes: what goes past an object's end, AddressSanitizer finds with more precision.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND HANDFAST_SANITIZE STREQUAL "address,undefined")
  add_compile_options(-fno-sanitize=object-size)
endif()

# handfast_quick_build()
#
# In a folder above the engine: under sanitizers it is not optimised, and not asked for null pointers, whose use nearly
# always ends the program as it is, nor for misaligned ones, which come of casts. A third of the time.
macro(handfast_quick_build)
  if(HANDFAST_SANITIZE)
    add_compile_options(-O0)
  endif()
  if(HANDFAST_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize=null,alignment)
  endif()
endmacro()

if(HANDFAST_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "HANDFAST_FUZZ needs clang, for libFuzzer: use the preset `fuzz`.")
  endif()
  # The coverage counters that libFuzzer steers by, in every floor; each target adds -fsanitize=fuzzer when it links.
  add_compile_options(-fsanitize=fuzzer-no-link)
  set(HANDFAST_INSTALL OFF)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
