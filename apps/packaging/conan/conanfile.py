# SPDX-License-Identifier: Apache-2.0
"""conan create apps/packaging/conan"""
import os

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy


class Gnn(ConanFile):
    name = "gnn"
    version = "0.1.0"
    license = "Apache-2.0"
    description = "Attention graph neural networks on CPU and NVIDIA GPUs"
    settings = "os", "compiler", "build_type", "arch"
    options = {"shared": [True, False], "cuda": [True, False]}
    default_options = {"shared": False, "cuda": False}

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..", "..", "..")
        for folder in ("graphs", "datasets", "gnn", "apps"):
            copy(self, f"{folder}/*", root, self.export_sources_folder)
        copy(self, "CMakeLists.txt", root, self.export_sources_folder)
        copy(self, "LICENSE", root, self.export_sources_folder)

    def requirements(self):
        self.requires("boost/[>=1.74]")
        self.requires("onetbb/[>=2021]")
        self.requires("zlib/[>=1.2]")
        self.requires("eigen/[>=3.4 <4]", visible=False)
        self.requires("fmt/[>=9]", visible=False)
        self.requires("nlohmann_json/[>=3.11]", visible=False)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables.update(
            {"BUILD_SHARED_LIBS": bool(self.options.shared), "GNN_CUDA": "ON" if self.options.cuda else "OFF",
             "GNN_APPS": False, "GNN_TESTS": False, "GNN_INSTALL": True})
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()

    def package_info(self):
        # The package brings its own gnn-config.cmake.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("lib", "cmake", "gnn")]
