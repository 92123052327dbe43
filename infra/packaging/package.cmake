# What is installed where, and the Debian package of it.
#
#   cmake --preset release && cmake --build --preset release && cpack --preset deb
#
# makes build/release/package/cauce_VERSION_amd64.deb. DuckDB is not in Debian: its library goes with
# us, into a directory of our own where nobody else finds it.
include(GNUInstallDirs)
set(packaging "${CMAKE_CURRENT_LIST_DIR}")

# A package is made of the program alone; the tests need not be built for it.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
# The second is for where /proc is not mounted: the first cannot be resolved there.
set_target_properties(cauce PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/cauce;/usr/lib/cauce")
install(TARGETS cauce RUNTIME DESTINATION bin)
install(FILES "${DuckDB_LIBRARY_FILE}" DESTINATION lib/cauce)
install(FILES "${packaging}/cauce.service" DESTINATION /lib/systemd/system)
install(FILES "${packaging}/cauce.toml" DESTINATION /etc/cauce)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/docs/operations/" "${CMAKE_SOURCE_DIR}/docs/guides/"
        DESTINATION share/doc/cauce FILES_MATCHING PATTERN "*.md")
install(FILES "${CMAKE_SOURCE_DIR}/docs/formats/payloads.md"
              "${CMAKE_SOURCE_DIR}/docs/formats/encryption.md"
              "${CMAKE_SOURCE_DIR}/infra/migration/mosquitto-bridge.conf"
        DESTINATION share/doc/cauce)

set(copyright "${CMAKE_BINARY_DIR}/copyright")
add_custom_command(
  OUTPUT "${copyright}"
  COMMAND "${CMAKE_COMMAND}" "-DOWN=${packaging}/copyright"
          "-DDUCKDB_LICENSE=${DuckDB_LICENSE_FILE}" "-DTARGET=${copyright}"
          -P "${packaging}/make_copyright.cmake"
  DEPENDS "${packaging}/copyright" "${DuckDB_LICENSE_FILE}" "${packaging}/make_copyright.cmake"
  VERBATIM)
add_custom_target(package_copyright DEPENDS "${copyright}")
add_dependencies(cauce package_copyright)
install(FILES "${copyright}" DESTINATION share/doc/cauce)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cauce)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "the cauce authors <cauce@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "sensor data from devices to decisions, without losing any")
set(CPACK_PACKAGE_DESCRIPTION
    "Devices send messages by MQTT or HTTP; cauce keeps them in a durable stream, decrypts and normalises
them, watches them for alarms, computes statistics for each time series and keeps
everything that ever arrived as Parquet. What was acknowledged survives a power cut.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/package")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
get_filename_component(duckdb_library_directory "${DuckDB_LIBRARY_FILE}" DIRECTORY)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${duckdb_library_directory}")
# fonts-inter: what charts are written in.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.51), fonts-inter")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "fonts-noto-core, fonts-noto-cjk, fonts-noto-color-emoji")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${packaging}/postinst;${packaging}/prerm;${packaging}/postrm;${packaging}/conffiles")
include(CPack)
