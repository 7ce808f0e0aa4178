gnn_test(test_apps gnn_apps apps/commands.cpp apps/config_file.cpp apps/fetch.cpp
  apps/interrupt.cpp apps/message.cpp apps/output.cpp apps/parse.cpp
  apps/progress.cpp apps/settings.cpp)
target_link_libraries(test_apps PRIVATE ZLIB::ZLIB)

# The built program, started as a user would.
gnn_test(test_program gnn_apps apps/convert_program.cpp apps/data_program.cpp apps/explain_program.cpp apps/import_program.cpp
  apps/messages_program.cpp apps/multi_label_program.cpp apps/own_graph_program.cpp
  apps/predict_program.cpp apps/program.cpp apps/resume_program.cpp
  apps/split_program.cpp apps/train_program.cpp apps/typed_program.cpp)
target_compile_definitions(test_program PRIVATE GNN_PROGRAM="$<TARGET_FILE:gnn_cli>")
target_link_libraries(test_program PRIVATE nlohmann_json::nlohmann_json ZLIB::ZLIB)
add_dependencies(test_program gnn_cli)
target_precompile_headers(test_program PRIVATE <nlohmann/json.hpp>)
