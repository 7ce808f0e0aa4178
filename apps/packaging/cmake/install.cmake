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
  if(PROJECT_IS_TOP_LEVEL AND BUILD_SHARED_LIBS)
    gnn_packages()
  endif()
endfunction()

# Three Debian packages, made by `cpack` in a build tree of shared libraries: libgnn0.1, libgnn-dev, gnn.
macro(gnn_packages)
  set(CPACK_GENERATOR DEB)
  set(CPACK_PACKAGE_NAME gnn)
  set(CPACK_PACKAGE_CONTACT "gnn <gnn@localhost>")
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  set(CPACK_DEB_COMPONENT_INSTALL ON)
  set(CPACK_COMPONENTS_ALL library devel tool)
  set(CPACK_STRIP_FILES ON)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_SECTION science)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
  set(soname ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libgnn${soname})
  set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
  set(CPACK_DEBIAN_DEVEL_PACKAGE_NAME libgnn-dev)
  set(CPACK_DEBIAN_DEVEL_PACKAGE_SECTION libdevel)
  set(CPACK_DEBIAN_TOOL_PACKAGE_NAME gnn)
  set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "${PROJECT_DESCRIPTION}: shared libraries")
  set(CPACK_COMPONENT_DEVEL_DESCRIPTION "${PROJECT_DESCRIPTION}: headers")
  set(CPACK_COMPONENT_TOOL_DESCRIPTION "${PROJECT_DESCRIPTION}: program")
  set(CPACK_COMPONENT_DEVEL_DEPENDS library)
  set(CPACK_COMPONENT_TOOL_DEPENDS library)
  # The libraries lie beside one another in the build tree's private folders; dpkg-shlibdeps must find them there.
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/lib/graphs ${PROJECT_BINARY_DIR}/lib/datasets ${PROJECT_BINARY_DIR}/lib/gnn)
  include(CPack)
endmacro()
