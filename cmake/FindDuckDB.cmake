# Finds DuckDB's C API and makes the target DuckDB::duckdb: its headers. The library is not linked but
# loaded when it is needed (src/table/duckdb_calls.h).
#
#   DUCKDB_ROOT   a directory with include/duckdb.h and lib/libduckdb.so; when it is not given,
#                 script/fetch-duckdb brings the pinned version into the user's cache.
#
# Programs of a build tree find the library there by their run path.
set(DuckDB_VERSION 1.4.4)
set(DUCKDB_ROOT "" CACHE PATH "directory of DuckDB's include/ and lib/; empty: fetch it")

set(duckdb_directory "${DUCKDB_ROOT}")
if(NOT duckdb_directory)
  execute_process(
    COMMAND "${CMAKE_CURRENT_LIST_DIR}/../script/fetch-duckdb"
    OUTPUT_VARIABLE duckdb_directory
    OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE duckdb_fetch_result)
  if(NOT duckdb_fetch_result EQUAL 0)
    message(FATAL_ERROR "script/fetch-duckdb failed; its message stands above")
  endif()
endif()

# Not cached: the directory decides, also after the pin has changed.
set(DuckDB_INCLUDE_DIR DuckDB_INCLUDE_DIR-NOTFOUND)
set(DuckDB_LIBRARY DuckDB_LIBRARY-NOTFOUND)
find_path(DuckDB_INCLUDE_DIR duckdb.h PATHS "${duckdb_directory}/include" NO_DEFAULT_PATH NO_CACHE)
find_library(DuckDB_LIBRARY duckdb PATHS "${duckdb_directory}/lib" NO_DEFAULT_PATH NO_CACHE)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  DuckDB REQUIRED_VARS DuckDB_LIBRARY DuckDB_INCLUDE_DIR VERSION_VAR DuckDB_VERSION)

if(DuckDB_FOUND AND NOT TARGET DuckDB::duckdb)
  add_library(DuckDB::duckdb INTERFACE IMPORTED)
  set_target_properties(DuckDB::duckdb PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${DuckDB_INCLUDE_DIR}")
endif()
get_filename_component(duckdb_library_directory "${DuckDB_LIBRARY}" DIRECTORY)
list(APPEND CMAKE_BUILD_RPATH "${duckdb_library_directory}")
# For the package, which carries the library.
set(DuckDB_LIBRARY_FILE "${DuckDB_LIBRARY}")
set(DuckDB_LICENSE_FILE "${duckdb_directory}/LICENSE")
