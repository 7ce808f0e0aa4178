// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include <datasets/registry.hpp>

// Files of the typed sets.
namespace gnn::datasets::known {

inline constexpr std::array<KnownFile, 5> hgb_acm_files = {{
    {"node.dat", "a68556ff5862e60294074814626dfbb05360cedc3ba849f47fabef1c31d2baad"},
    {"link.dat", "4744248dc42a722defc8e50db9247117f2f44d7290b6c29f59a6ffe250cf944f"},
    {"label.dat", "5b833a59cf52bde5e9312eee25f26f9b8ea95a44066bfbfa097a8eed7af3dee0"},
    {"label.dat.test", "9527d446ad8752005b7a98e323c4866cb78ce2f766bd2cc5a78f8aa3849d5cc7"},
    {"info.dat", "552ee190fcf2faca1da5dfb168cb5071cfe91e2c46fa6827da4f7f00ba740fda"},
}};

inline constexpr std::array<KnownFile, 5> hgb_dblp_files = {{
    {"node.dat", "bf3d9462437f7d4994b09995525665b783454d1cc91b39876ae51f9dfdd0cb47"},
    {"link.dat", "e6f163bf6d1f8c10fab7ad5ce9cc79629570449be815c28405c255220c95c902"},
    {"label.dat", "5f5fd3841ef1ad99de706ac3399e1439b0cb81818bd3d951653c11ac0e94d589"},
    {"label.dat.test", "809c0c5483d14d832f935996015699907b8855f21ef4e9c8eed0300dd19eeedc"},
    {"info.dat", "e753dd47bc365c10d632fb48cee5cfe550df2061cb2e11f32396667b2cd22287"},
}};

inline constexpr std::array<KnownFile, 5> hgb_imdb_files = {{
    {"node.dat", "863bfb675c978ba6caaf208a747eb4cdc72ecefa992bd198d3baf267728fb726"},
    {"link.dat", "ee417344ed4486b65c416c12a0ca8848fda3b99f90d372df61fcbe0f881cba3c"},
    {"label.dat", "51c78600da7d1f8152b707b2e000939d1deb814d99efc7c05dec5bb88924ba9c"},
    {"label.dat.test", "0d810cdb407c8b1269cf13fa179ca2a88a09e88beb631695427558fede1b967b"},
    {"info.dat", "02ab539285f2d3ec3ed57c75c1b20d457f9097e6acbdd30a602b4346ddec78d5"},
}};

inline constexpr std::array<KnownFile, 6> gtn_acm_files = {{
    {"author-features.npz", "945cf235e78223526efeb56c620538bd5e30e8dad2148440cf93755660e6c89a"},
    {"paper-author.csv", "235e31d3b50883bcdafc91758ffa037e26ddc8fa900a58561881e67867ba7ef8"},
    {"paper-features.npz", "849acfc3549dd150e0fa5ce5e274c66666484dd8f06dbfa71403ed850e4035a1"},
    {"paper-labels.csv", "d6df61950410b539573eb21808f00930c6e324dbd1db6c7d4d5294f32db2c6dd"},
    {"paper-subject.csv", "dbe611a8fad726152e9aef8b9f0968fbf02c0c44bd1279ec6cbd6e431c7a6f40"},
    {"subject-features.npz", "1cce63ff26fbfe8f7a0f21848f4b7acd45b29bc9c92b3f335716bcfef1987505"},
}};

inline constexpr std::array<KnownFile, 6> gtn_dblp_files = {{
    {"author-features.npz", "0a1de8d67e233a3e694437381fd18cc2f9ebccf9afe105b3e19f4a4a26ae7c07"},
    {"author-labels.csv", "6951f7755920f368d92c838e03c7aacaf339e157351daa33b35076d9551dc928"},
    {"paper-author.csv", "a315ec20b63428161bb975c49c49d43733ab46eb1253dde093a1d3fe6d47c744"},
    {"paper-features.npz", "731b75f43f0fcf2762a7c7bc7d3cc75903f57fd8baae85a51bf64ac5da9ba3ee"},
    {"paper-venue.csv", "abcf4e76886a71dacf1a380ccfab8c29d3e6ca2e5dad1c82367b337345a8408f"},
    {"venue-features.npz", "679a6a6fdee743d9bf9770a98d839ac37e310d6146b3b07a65d9b5ed5155505a"},
}};

inline constexpr std::array<KnownFile, 6> gtn_imdb_files = {{
    {"actor-features.npz", "b2c25d396366dfd9e7fc5f5ab32e534d3fc2bc801d7849181055be7634bcbe8a"},
    {"director-features.npz", "1084234746d614e9c3da17e04190bf6aad663b040e7e48d166184a055ba63cad"},
    {"movie-actor.csv", "84ab4a35a4e60c4826780172a763449a7c4cc4124ed877204f7e56d1dc378d91"},
    {"movie-director.csv", "35bd5070fc4654eabb5e17a12ffbb444ecfcee0da9f6a523c94553341be43182"},
    {"movie-features.npz", "627f701e884e3679b877e7abd4f00c11522d8924061afdd1f2996fbb5a9a374e"},
    {"movie-labels.csv", "2b0c255b3b6c14e44e59853b3e940cec8ea29dc10a3be0669d9735fae58bbd5c"},
}};

}  // namespace gnn::datasets::known
