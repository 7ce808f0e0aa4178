# Warnings, sanitizers and hardening as one interface target: nothing global, nothing that users inherit.
add_library(gnn_compile_options INTERFACE)
target_compile_features(gnn_compile_options INTERFACE cxx_std_20)
target_compile_options(gnn_compile_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wconversion -Wshadow -fvisibility-inlines-hidden>
  $<$<CXX_COMPILER_ID:Clang>:-Wno-unknown-warning-option>)
# Wrong about "text" + std::string with g++ 12 (GCC bug 105651).
target_compile_options(gnn_compile_options INTERFACE $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>)
# Nobody times the tests: they are GNN_QUICK_TO_BUILD.
set(quick "$<BOOL:$<TARGET_PROPERTY:GNN_QUICK_TO_BUILD>>")
target_compile_options(gnn_compile_options INTERFACE $<${quick}:-O0>)
# Their numbers are double and meet libraries in float and in double.
target_compile_options(gnn_compile_options INTERFACE $<$<AND:${quick},$<COMPILE_LANG_AND_ID:CXX,Clang>>:-Wno-implicit-float-conversion>)
if(GNN_SANITIZE)
  target_compile_options(gnn_compile_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${GNN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer>)
  target_link_options(gnn_compile_options INTERFACE -fsanitize=${GNN_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Kernels ask for -O3 themselves; the rest gains nothing from it but size. And what a program that reads files of strangers
  # should have switched on.
  target_compile_options(gnn_compile_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-D_GLIBCXX_ASSERTIONS>
    "$<$<AND:$<COMPILE_LANGUAGE:CXX>,$<NOT:${quick}>>:-O2;-fstack-protector-strong;-D_FORTIFY_SOURCE=2>")
  target_link_options(gnn_compile_options INTERFACE -Wl,-z,relro,-z,now)
endif()

# gnn_library(NAME FILE...): a library of this project with its include path and options. What is made for the tests alone is
# compiled twelve files at once, which takes less than half the time; so no two files of a folder may use one name for two things.
function(gnn_library name)
  add_library(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:gnn_compile_options>)
  if(GNN_SANITIZE OR name MATCHES "double|small")
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
  endif()
  if(GNN_FUZZ)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

function(gnn_hide_symbols target)
  set(exports ${PROJECT_SOURCE_DIR}/apps/packaging/exports.map)
  target_link_options(${target} PRIVATE -Wl,--version-script=${exports} -Wl,-Bsymbolic-functions)
  if(NOT GNN_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,--no-undefined)
  endif()
  set_target_properties(${target} PROPERTIES LINK_DEPENDS ${exports})
endfunction()

# gnn_public(TARGET COMPONENT HEADER...): makes a library one that users link as gnn::COMPONENT and lists the headers that they
# may include, which install below include/gnn. A shared library shows the symbols of namespace gnn and no others; what is
# compiled with hidden visibility (kernels) stays inside. Before 1.0 a minor version may change the interface, so it is part of
# the SONAME.
function(gnn_public target component)
  add_library(gnn::${component} ALIAS ${target})
  list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARGN})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${component} VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} INSTALL_RPATH "$ORIGIN")
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "SHARED_LIBRARY")
    gnn_hide_symbols(${target})
  endif()
  if(GNN_INSTALL)
    gnn_install_library(${target} ${component})
  endif()
endfunction()

# gnn_fuzz_target(NAME FILE LIBRARY): fuzz_NAME, which gives any bytes to a reader. tests/support/fuzz.sh runs them all.
function(gnn_fuzz_target name file library)
  add_executable(fuzz_${name} ${PROJECT_SOURCE_DIR}/tests/${file})
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(fuzz_${name} PRIVATE GNN_FUZZ_ALONE)
  target_link_libraries(fuzz_${name} PRIVATE ${library} gnn_compile_options ZLIB::ZLIB)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
