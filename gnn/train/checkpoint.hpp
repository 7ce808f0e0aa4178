// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include <gnn/train/card.hpp>
#include <gnn/train/model.hpp>
#include <gnn/train/trainer.hpp>

/// Saved models and saved trainings: safetensors files with one tensor for each matrix of the model and, in
/// their metadata, the model card and a CRC-32 of the whole file, so that every changed byte is noticed.
namespace gnn::inline GNN_PRECISION {

/// What a run has come to, besides the trainer's state.
struct RunRecord {
  enum Status {
    running,
    finished,  ///< has a test result
    failed,    ///< ended with NaN: the weights are good, going on is not
  };
  Status status = running;
  double seconds = 0;  ///< time spent training
  double test_loss = 0, test_accuracy = 0, test_f1_macro = 0;  ///< accuracy: as in Epoch
  double test_exact = 0;  ///< the same as test_accuracy, over nodes whose labels are no estimates
};

/// The file best.safetensors: the weights that the model has now and its card. Equal weights and cards give
/// equal bytes.
std::vector<std::byte> model_checkpoint(const Model& model, const ModelCard& card);

/// The file last.safetensors: the same, and everything that a training needs to go on bit by bit. Serves as a
/// saved model too; its weights are those of the last epoch.
std::vector<std::byte> training_checkpoint(const Trainer& trainer, const Model& model, const ModelCard& card,
                                           const RunRecord& record);

struct SavedModel {
  std::filesystem::path file;
  ModelCard card;
  Model model;
};

/// Reads a saved model. path: the file; the folder of a run, which holds best.safetensors; or the folder of
/// several, of which the first (run-0) is taken. Throws Error(file) when there is none, and Error(input),
/// naming the tensor, when the file is damaged, its matrices are not those of the card's model, or a weight
/// is NaN or infinite.
SavedModel load_model(Context& ctx, const std::filesystem::path& path, std::span<const LayerKind> own_kinds = {});

/// Puts `trainer` and `model`, both fresh, where the training was that wrote last.safetensors. Throws
/// Error(file) and Error(input) as load_model() does; Error(mismatch) when it trained another model, on other
/// data or with another seed than `card` and the trainer's options say; Error(training) when it had failed.
RunRecord resume(Context& ctx, const std::filesystem::path& path, const ModelCard& card, Model& model,
                 Trainer& trainer);

}  // namespace gnn::inline GNN_PRECISION
