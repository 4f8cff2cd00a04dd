# room(NAME USES room... [TEST_USES room...] [LIBRARIES third-party...])
#   The one way a room of the house is built: a static library from every .cc of this folder, and one test program
#   NAME_test from its *_test.cc. USES names the rooms it may include, TEST_USES what only its tests need;
#   tests/floor_plan holds that line against the real #includes. plugin() makes a backend, which sees include/slipway and nothing of src/.
add_library(slipway_pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cc)
target_precompile_headers(slipway_pch PRIVATE <algorithm> <array> <atomic> <chrono> <cstdint> <cstring> <deque> <functional>
  <map> <memory> <mutex> <optional> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>)
target_link_libraries(slipway_pch PRIVATE slipway_warnings Threads::Threads)

function(room name)
  cmake_parse_arguments(R "" "" "USES;TEST_USES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM R_USES PREPEND slipway_ OUTPUT_VARIABLE uses)
  if(sources)
    add_library(slipway_${name} STATIC ${sources})
    target_include_directories(slipway_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(slipway_${name} PUBLIC ${uses} PRIVATE ${R_LIBRARIES} slipway_warnings Threads::Threads)
    target_precompile_headers(slipway_${name} REUSE_FROM slipway_pch)
  else()
    add_library(slipway_${name} INTERFACE)
    target_include_directories(slipway_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(slipway_${name} INTERFACE ${uses})
  endif()
  if(tests AND SLIPWAY_TESTS)
    test_program(${name}_test SOURCES ${tests} USES ${name} ${R_TEST_USES} LIBRARIES ${R_LIBRARIES})
  endif()
endfunction()

# test_program(NAME SOURCES file... USES room... [LIBRARIES lib...]): one GoogleTest program, run by ctest as one test.
add_custom_target(all_tests)
function(test_program name)
  cmake_parse_arguments(T "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_executable(${name} ${T_SOURCES})
  list(TRANSFORM T_USES PREPEND slipway_ OUTPUT_VARIABLE uses)
  target_link_libraries(${name} PRIVATE ${uses} ${T_LIBRARIES} slipway_warnings GTest::gtest GTest::gmock GTest::gtest_main
    Threads::Threads)
  target_precompile_headers(${name} REUSE_FROM slipway_pch)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  add_dependencies(all_tests ${name})
endfunction()

# What a user runs: the binary and the plugins beside it.
add_custom_target(product)

# plugin(NAME [KIND table] [LIBRARIES lib...]): slipway_KIND_NAME.so; a backend unless told otherwise.
function(plugin name)
  cmake_parse_arguments(P "" "KIND" "LIBRARIES" ${ARGN})
  if(NOT P_KIND)
    set(P_KIND backend)
  endif()
  set(target slipway_${P_KIND}_${name})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  add_library(${target} MODULE ${sources})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${target}
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/backends)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/backends)
  target_link_libraries(${target} PRIVATE ${P_LIBRARIES} slipway_warnings Threads::Threads)
  target_precompile_headers(${target} REUSE_FROM slipway_pch)
  add_dependencies(product ${target})
endfunction()
