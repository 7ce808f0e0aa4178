// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include <datasets/registry.hpp>

// Sets that are one npz file.
namespace gnn::datasets::known {

inline constexpr std::array<KnownFile, 1> het_chameleon_files = {{
    {"chameleon.npz", "4c640bd2877fc4f9f101531e2f977bc16445a54e09a5cb01178df608e552f3fd"},
}};

inline constexpr std::array<KnownFile, 1> het_chameleon_directed_files = {{
    {"chameleon_directed.npz", "34aea6b6888063544232100d53d4aa7e87e37953ec8dd3a7092afb25bb2f0328"},
}};

inline constexpr std::array<KnownFile, 1> chameleon_filtered_files = {{
    {"chameleon_filtered.npz", "bf46f07e1fb5249280447e5fe3100f3e82fc4b93ad1e13ffcfdec924b6ac0bb5"},
}};

inline constexpr std::array<KnownFile, 1> chameleon_filtered_directed_files = {{
    {"chameleon_filtered_directed.npz", "5a2d40701407188f1661d37a326484b49cc15251e0dedaa7bd380873dac80f21"},
}};

inline constexpr std::array<KnownFile, 1> het_squirrel_files = {{
    {"squirrel.npz", "d436e3b42c0546b105241c0ab0766097074e68e55f67b133eeb9b0162e55cbd9"},
}};

inline constexpr std::array<KnownFile, 1> het_squirrel_directed_files = {{
    {"squirrel_directed.npz", "3f0436486716cf77b651c372e54f6b4c2cc52262e7faeeab584a34b41bae2616"},
}};

inline constexpr std::array<KnownFile, 1> squirrel_filtered_files = {{
    {"squirrel_filtered.npz", "f06370ffb3116c5de8b7a600005400b2293c025e0ce2f6916d8201a825505ac7"},
}};

inline constexpr std::array<KnownFile, 1> squirrel_filtered_directed_files = {{
    {"squirrel_filtered_directed.npz", "0526e53252f0b052124f7390829c32e923d432acaf64206191a1144a07b39620"},
}};

inline constexpr std::array<KnownFile, 1> het_actor_files = {{
    {"actor.npz", "c350eef06b2c2a9bf8218be2b57cac6d4003d0922eb597a039e9123f75817816"},
}};

inline constexpr std::array<KnownFile, 1> het_texas_files = {{
    {"texas.npz", "b164b99e6c3d43e4ab07488ec59bd8c815f90cbc1bd4cf425ce587d2b534d844"},
}};

inline constexpr std::array<KnownFile, 1> texas_4_classes_files = {{
    {"texas_4_classes.npz", "2da438ba7f41fd82e0953e2c9f63ef18e5a58da51ae6369cb5f5010bdf0e67bd"},
}};

inline constexpr std::array<KnownFile, 1> cornell_fixed_files = {{
    {"cornell.npz", "684c54ba3daa13b0ba1f04a3d6dd1b1175c1ae9bdeb982851fd4ff96d3aac298"},
}};

inline constexpr std::array<KnownFile, 1> het_wisconsin_files = {{
    {"wisconsin.npz", "2543c89838cfc75f737f7c4664cc1d097f8268602c20b2d1bd4f21407df9c074"},
}};

inline constexpr std::array<KnownFile, 1> amazon_computers_files = {{
    {"amazon_electronics_computers.npz", "736ba1d9fd85eac2da83a5ad25c463f04b0031a6ca01563f90a7099d9e8ffb2c"},
}};

inline constexpr std::array<KnownFile, 1> amazon_photo_files = {{
    {"amazon_electronics_photo.npz", "bdb1feb8e6ff42ee44024b04479145029c563fd42fc31bff80af20887ba0439a"},
}};

inline constexpr std::array<KnownFile, 1> coauthor_cs_files = {{
    {"ms_academic_cs.npz", "933c745734e78908c7eb77172a673fee0503f30e26e5a99b36814d88534c42e3"},
}};

inline constexpr std::array<KnownFile, 1> coauthor_physics_files = {{
    {"ms_academic_phy.npz", "e4d68468eba5fb8f6b280ffd406bd53e6e4295ba1dd2967d6fe99b978e4b3375"},
}};

}  // namespace gnn::datasets::known
