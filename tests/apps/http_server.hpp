// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace gnn::apps::test {

/// A server on this machine for one test. Answers one connection after the other with what `answer` makes of
/// the request.
class HttpServer {
 public:
  struct Request {
    std::string path;
    std::size_t from = 0;  ///< of "Range: bytes=FROM-"
  };
  struct Answer {
    std::string bytes;         ///< sent as they are
    bool keep_silent = false;  ///< then sends nothing more, until the test ends
  };
  using Answers = std::function<Answer(const Request&)>;

  explicit HttpServer(Answers answer) : answer_(std::move(answer)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (socket_ < 0 || ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(socket_, 8) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("cannot start a server");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpServer() {
    stop_ = true;
    thread_.join();
    ::close(socket_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  /// The usual answer: all bytes, or those from `from` on.
  static Answer file(const std::string& content, const Request& request) {
    const std::string rest = content.substr(std::min(request.from, content.size()));
    std::string head = request.from
                           ? "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " +
                                 std::to_string(request.from) + "-" + std::to_string(content.size() - 1) +
                                 "/" + std::to_string(content.size()) + "\r\n"
                           : "HTTP/1.1 200 OK\r\n";
    if (request.from >= content.size() && request.from > 0) return status("416 Range Not Satisfiable");
    return {head + "Content-Length: " + std::to_string(rest.size()) + "\r\nConnection: close\r\n\r\n" + rest};
  }
  static Answer status(const std::string& line, const std::string& headers = "") {
    return {"HTTP/1.1 " + line + "\r\nContent-Length: 0\r\nConnection: close\r\n" + headers + "\r\n"};
  }

 private:
  bool wait_for(int descriptor) const {
    while (!stop_) {
      pollfd wanted = {descriptor, POLLIN, 0};
      if (::poll(&wanted, 1, 20) > 0) return true;
    }
    return false;
  }

  void serve() {
    while (wait_for(socket_)) {
      const int client = ::accept(socket_, nullptr, nullptr);
      if (client < 0) continue;
      std::string text;
      char buffer[4096];
      while (text.find("\r\n\r\n") == text.npos && wait_for(client)) {
        const ssize_t count = ::recv(client, buffer, sizeof buffer, 0);
        if (count <= 0) break;
        text.append(buffer, static_cast<std::size_t>(count));
      }
      Request request;
      const std::size_t begin = text.find(' ') + 1;
      request.path = text.substr(begin, text.find(' ', begin) - begin);
      if (const std::size_t range = text.find("Range: bytes="); range != text.npos) {
        request.from = std::stoul(text.substr(range + 13));
      }
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const Answer answer = answer_(request);
      for (std::size_t sent = 0; sent < answer.bytes.size();) {
        const ssize_t count =
            ::send(client, answer.bytes.data() + sent, answer.bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<std::size_t>(count);
      }
      // Until the client gives up: it sends nothing, and its end closes the connection.
      if (answer.keep_silent && wait_for(client)) ::recv(client, buffer, sizeof buffer, 0);
      ::close(client);
    }
  }

  Answers answer_;
  int socket_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::thread thread_;
};

}  // namespace gnn::apps::test
