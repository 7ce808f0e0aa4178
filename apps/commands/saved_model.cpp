// SPDX-License-Identifier: Apache-2.0
#include <apps/commands/saved_model.hpp>

#include <graphs/error.hpp>

namespace gnn::apps {

SavedModel saved_model(Context& ctx, const Settings& settings) {
  if (!settings.has("model")) {
    throw Error(ErrorKind::usage, "--model: no saved model was given",
                "the folder that 'gnn train' wrote, or a file best.safetensors");
  }
  return load_model(ctx, settings.text("model"));
}

}  // namespace gnn::apps
