# Writes the copyright file of the package: ours, and those of what is inside the program.
#   cmake -DOWN=copyright -DDUCKDB_LICENSE=LICENSE -DTARGET=FILE -P make_copyright.cmake
file(READ "${OWN}" content)
file(STRINGS "${DUCKDB_LICENSE}" lines)
string(APPEND content "\nLicense: Expat-DuckDB\n")
foreach(line IN LISTS lines)
  if(line STREQUAL "")
    string(APPEND content " .\n")
  else()
    string(APPEND content " ${line}\n")
  endif()
endforeach()
file(WRITE "${TARGET}" "${content}")
