# Writes TARGET, the source file that page.h declares, from the files of FOLDER and CONTRACT.
set(rows "")
file(GLOB files RELATIVE "${FOLDER}" "${FOLDER}/*.html" "${FOLDER}/*.css" "${FOLDER}/*.js"
     "${FOLDER}/*.svg")
foreach(name ${files})
  file(READ "${FOLDER}/${name}" content)
  string(REGEX MATCH "[a-z]+$" ending "${name}")
  if(ending STREQUAL "html")
    set(type "text/html; charset=utf-8")
  elseif(ending STREQUAL "css")
    set(type "text/css; charset=utf-8")
  elseif(ending STREQUAL "js")
    set(type "text/javascript; charset=utf-8")
  else()
    set(type "image/svg+xml")
  endif()
  set(path "/${name}")
  if(name STREQUAL "index.html")
    set(path "/")
  elseif(name STREQUAL "draw.html")
    set(path "/draw")
  endif()
  string(APPEND rows "    {\"${path}\", \"${type}\", R\"page_file(${content})page_file\"},\n")
endforeach()
file(READ "${CONTRACT}" content)
string(APPEND rows "    {\"/api/v1/openapi.yaml\", \"application/yaml\", R\"page_file(${content})page_file\"},\n")
file(WRITE "${TARGET}"
     "#include \"api/page.h\"\n\nnamespace cauce::api {\nnamespace {\n\n"
     "constexpr PageFile files[] = {\n${rows}};\n\n}  // namespace\n\n"
     "const PageFile* page_file(std::string_view path) {\n"
     "  for (const PageFile& file : files) {\n    if (file.path == path) return &file;\n  }\n"
     "  return nullptr;\n}\n\n}  // namespace cauce::api\n")
