# A room of src/ is one static library `cauce_<room>` made of every .cpp below its folder, and, when
# tests are built, one program `<room>_test` made of its *_test.cpp files. A fuzzer is one
# *_fuzz.cpp file and becomes one program of the same name.
#
#   cauce_room(stream USES base disk work LIBRARIES PkgConfig::zstd)
#
# A fuzzer of a room that uses many others need not wait for all of them to be built:
#
#   cauce_fuzzer_alone(config_fuzz SOURCES config.cpp USES base net)     before cauce_room(app …)
function(cauce_fuzzer_alone name)
  cmake_parse_arguments(FUZZER "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  if(CAUCE_FUZZ)
    list(TRANSFORM FUZZER_USES PREPEND cauce_)
    add_executable(${name} ${name}.cpp ${FUZZER_SOURCES})
    target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(${name} PRIVATE ${FUZZER_USES} ${FUZZER_LIBRARIES} -fsanitize=fuzzer)
  endif()
endfunction()

function(cauce_room room)
  cmake_parse_arguments(ROOM "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  set(tests ${sources})
  set(fuzzers ${sources})
  list(FILTER sources EXCLUDE REGEX "(_(test|fuzz|bench)|/main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")

  list(TRANSFORM ROOM_USES PREPEND cauce_ OUTPUT_VARIABLE used_rooms)
  if(sources)
    add_library(cauce_${room} STATIC ${sources})
    target_include_directories(cauce_${room} PUBLIC "${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(cauce_${room} PUBLIC ${used_rooms} ${ROOM_LIBRARIES})
  else()
    add_library(cauce_${room} INTERFACE)
    target_include_directories(cauce_${room} INTERFACE "${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(cauce_${room} INTERFACE ${used_rooms} ${ROOM_LIBRARIES})
  endif()

  if(CAUCE_TESTS AND tests)
    add_executable(${room}_test ${tests} "${CMAKE_SOURCE_DIR}/src/doctest_main.cpp")
    target_link_libraries(${room}_test PRIVATE cauce_${room})
    add_test(NAME ${room} COMMAND ${room}_test)
  endif()
  if(CAUCE_FUZZ)
    foreach(fuzzer ${fuzzers})
      get_filename_component(name "${fuzzer}" NAME_WE)
      if(NOT TARGET ${name})
        add_executable(${name} "${fuzzer}")
        target_link_libraries(${name} PRIVATE cauce_${room} -fsanitize=fuzzer)
      endif()
    endforeach()
  endif()
endfunction()
