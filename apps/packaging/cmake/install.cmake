# Install rules. Both linkages may be installed below one prefix: each brings files of targets of its own, and gnn-config.cmake
# chooses. Components of the packages: library, devel, tool.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(GNN_INSTALL_CMAKE ${CMAKE_INSTALL_LIBDIR}/cmake/gnn)
set(GNN_INSTALL_HEADERS ${CMAKE_INSTALL_INCLUDEDIR}/gnn)
set(GNN_LINKAGE static)
if(BUILD_SHARED_LIBS)
  set(GNN_LINKAGE shared)
endif()

# gnn_install_library(TARGET COMPONENT): the library, its headers, and the file that describes gnn::COMPONENT.
function(gnn_install_library target component)
  install(TARGETS ${target} EXPORT gnn-${component}-${GNN_LINKAGE}
    LIBRARY COMPONENT library NAMELINK_COMPONENT devel
    ARCHIVE COMPONENT devel
    FILE_SET HEADERS DESTINATION ${GNN_INSTALL_HEADERS} COMPONENT devel
    INCLUDES DESTINATION ${GNN_INSTALL_HEADERS})
  install(EXPORT gnn-${component}-${GNN_LINKAGE} NAMESPACE gnn:: DESTINATION ${GNN_INSTALL_CMAKE} COMPONENT devel)
endfunction()

# What find_package(gnn) and pkg-config read. Called once, at the end.
function(gnn_install_config)
  set(packaging ${PROJECT_SOURCE_DIR}/apps/packaging)
  configure_package_config_file(${packaging}/cmake/gnn-config.cmake.in ${PROJECT_BINARY_DIR}/gnn-config.cmake
    INSTALL_DESTINATION ${GNN_INSTALL_CMAKE} NO_SET_AND_CHECK_MACRO)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/gnn-config-version.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/gnn-config.cmake ${PROJECT_BINARY_DIR}/gnn-config-version.cmake
    DESTINATION ${GNN_INSTALL_CMAKE} COMPONENT devel)

  # A static library asks its user for what it needs; a shared one has it.
  set(private "")
  set(definitions "")
  if(NOT BUILD_SHARED_LIBS)
    set(private "-lboost_graph")
    set(requires "tbb zlib")
  endif()
  if(GNN_HAS_CUDA)
    set(definitions " -DGNN_HAS_CUDA")
    if(NOT BUILD_SHARED_LIBS)
      string(APPEND private " -L${CUDAToolkit_LIBRARY_DIR} -lcudart_static -lrt -lpthread -ldl")
    endif()
  endif()
  file(RELATIVE_PATH prefix_from_here /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)  # so that the tree may be moved
  configure_file(${packaging}/cmake/gnn.pc.in ${PROJECT_BINARY_DIR}/gnn.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/gnn.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT devel)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT devel)
endfunction()
