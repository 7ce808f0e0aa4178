// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <support/temporary_folder.hpp>

namespace gnn::apps::test {

namespace fs = std::filesystem;

inline std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

/// The arguments of a command, with `more` behind.
inline std::vector<std::string> joined(std::vector<std::string> arguments,
                                       const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// The arguments of a short training on Cora, with `more` behind.
inline std::vector<std::string> training(const std::vector<std::string>& more) {
  return joined({"train", "--data", "cora", "--threads", "1", "--epochs", "6", "--log-every", "3"}, more);
}

struct Result {
  int code = -1;  ///< 128 + signal when one killed the program
  std::string out, err;
};

/// Runs the built program in an empty folder of its own, as a user would from a shell.
class Program {
 public:
  enum Stdout { to_file, closed, full };

  const fs::path& folder() const { return folder_.path(); }

  Result run(const std::vector<std::string>& arguments, Stdout kind = to_file) const {
    return wait(start(arguments, kind));
  }

  /// Sends `signal` as soon as the file `sign` is there.
  Result run_and_signal(const std::vector<std::string>& arguments, int signal, const fs::path& sign) const {
    const pid_t child = start(arguments, to_file);
    for (int i = 0; i < 10000 && !fs::exists(folder() / sign); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(child, signal);
    return wait(child);
  }

  /// Kills the program after that time.
  Result run_and_kill(const std::vector<std::string>& arguments, std::chrono::milliseconds after) const {
    const pid_t child = start(arguments, to_file);
    std::this_thread::sleep_for(after);
    ::kill(child, SIGKILL);
    return wait(child);
  }

  /// Paths of all files and folders of the user, relative to the program's folder.
  std::set<std::string> files() const {
    std::set<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder())) {
      found.insert(fs::relative(entry.path(), folder()).string());
    }
    return found;
  }

 private:
  pid_t start(const std::vector<std::string>& arguments, Stdout kind) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    std::vector<char*> argv = {const_cast<char*>("gnn")};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const auto redirect = [](const std::string& path, int stream) {
      const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      ::dup2(file, stream);
      ::close(file);
    };
    redirect(kind == full ? "/dev/full" : (streams_.path() / "out").string(), 1);
    redirect((streams_.path() / "err").string(), 2);
    if (kind == closed) ::close(1);
    for (const char* name : {"GNN_DATA_DIR", "GNN_CACHE_DIR"}) ::unsetenv(name);  // the machine's own sets
    ::signal(SIGINT, SIG_DFL);  // ignored when the tests run in the background
    if (::chdir(folder().c_str()) == 0) ::execv(GNN_PROGRAM, argv.data());
    ::_exit(127);
  }

  Result wait(pid_t child) const {
    int status = 0;
    ::waitpid(child, &status, 0);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {code, content(streams_.path() / "out"), content(streams_.path() / "err")};
  }

  gnn::test::TemporaryFolder folder_, streams_;
};

}  // namespace gnn::apps::test
