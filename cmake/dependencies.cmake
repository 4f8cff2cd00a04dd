# Every third-party library, found once. `make setup` installs them; .deps/ holds what Debian does not ship.
set(SLIPWAY_DEPS ${CMAKE_SOURCE_DIR}/.deps CACHE PATH "what tools/setup.sh unpacked")
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_path(NGHTTP2_INCLUDE nghttp2/nghttp2.h REQUIRED)
find_library(NGHTTP2_LIBRARY nghttp2 REQUIRED)
find_package(CURL REQUIRED)
find_package(LibArchive REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(Protobuf REQUIRED)

find_library(PQXX_LIBRARY pqxx REQUIRED)
find_library(PQ_LIBRARY pq REQUIRED)
find_path(PQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)

foreach(needed sqlite/sqlite3.c onnxruntime/include/onnxruntime_c_api.h onnxruntime/lib/libonnxruntime.so.1)
  if(NOT EXISTS ${SLIPWAY_DEPS}/${needed})
    message(FATAL_ERROR "${SLIPWAY_DEPS}/${needed} is missing: run `make setup`")
  endif()
endforeach()

# SQLite 3.40 of Debian 12 lies inside the WAL-reset corruption range (3.7.0 - 3.51.2): built from the amalgamation.
add_library(sqlite STATIC ${SLIPWAY_DEPS}/sqlite/sqlite3.c)
target_include_directories(sqlite SYSTEM PUBLIC ${SLIPWAY_DEPS}/sqlite)
target_compile_definitions(sqlite PRIVATE SQLITE_DQS=0 SQLITE_THREADSAFE=2 SQLITE_OMIT_LOAD_EXTENSION
  SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_OMIT_DEPRECATED SQLITE_ENABLE_DBSTAT_VTAB)
target_compile_options(sqlite PRIVATE -w)

# Debian's package has no CMake file.
add_library(nghttp2 SHARED IMPORTED)
set_target_properties(nghttp2 PROPERTIES IMPORTED_LOCATION ${NGHTTP2_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${NGHTTP2_INCLUDE})

# Nor has this one's a target; its headers hold what C++20 calls deprecated.
add_library(pqxx INTERFACE)
target_include_directories(pqxx SYSTEM INTERFACE ${PQ_INCLUDE})
target_link_libraries(pqxx INTERFACE ${PQXX_LIBRARY} ${PQ_LIBRARY})

add_library(onnxruntime SHARED IMPORTED)
set_target_properties(onnxruntime PROPERTIES
  IMPORTED_LOCATION ${SLIPWAY_DEPS}/onnxruntime/lib/libonnxruntime.so.1
  IMPORTED_NO_SONAME OFF IMPORTED_SONAME libonnxruntime.so.1
  INTERFACE_INCLUDE_DIRECTORIES ${SLIPWAY_DEPS}/onnxruntime/include)

# Optional: the plugin that reads Parquet is built where they are (`tools/setup.sh parquet`).
if(EXISTS ${SLIPWAY_DEPS}/arrow/include/parquet/arrow/reader.h)
  file(GLOB arrow_libraries ${SLIPWAY_DEPS}/arrow/lib/lib*.so.*)
  add_library(arrow INTERFACE)
  target_include_directories(arrow SYSTEM INTERFACE ${SLIPWAY_DEPS}/arrow/include)
  target_link_libraries(arrow INTERFACE ${arrow_libraries})
endif()

if(SLIPWAY_TESTS)
  find_package(GTest REQUIRED)  # `make setup-test`; `make build` alone configures without tests
endif()
