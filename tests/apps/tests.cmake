gnn_test(test_apps gnn_apps apps/commands.cpp apps/config_file.cpp apps/interrupt.cpp apps/message.cpp apps/output.cpp apps/parse.cpp
  apps/progress.cpp apps/settings.cpp)
