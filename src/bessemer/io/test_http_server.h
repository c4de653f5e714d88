#ifndef BESSEMER_IO_TEST_HTTP_SERVER_H_
#define BESSEMER_IO_TEST_HTTP_SERVER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bessemer/io/http.h"

namespace bessemer::io {

// An HTTP server inside a test: one request a connection, answered by a function, one after the
// other. Listens on a free port of loopback until destroyed.
class TestHttpServer {
 public:
  struct Request {
    std::string method, target;  // "/path?query"
    HttpHeaders headers;         // names in lower case
    std::string body;
    std::string Header(std::string_view name) const {
      return std::string(HttpResponse{.headers = headers}.Header(name));
    }
  };
  struct Response {
    int status = 200;
    std::string body;
    HttpHeaders headers = {};
    bool hang_up = false;      // close without an answer
    size_t missing_bytes = 0;  // of the body, cut off its end
  };
  using Handler = std::function<Response(const Request&)>;

  explicit TestHttpServer(Handler handler) : handler_(std::move(handler)) {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
        listen(socket_, 16) == 0) {
      getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
      port_ = ntohs(address.sin_port);
    }
    thread_ = std::thread([this] { Serve(); });
  }
  ~TestHttpServer() {
    stopping_ = true;
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }

  int port() const { return port_; }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void Serve() {
    while (!stopping_) {
      const int connection = accept(socket_, nullptr, nullptr);
      if (connection < 0) continue;
      Answer(connection);
      close(connection);
    }
  }

  void Answer(int connection) {
    std::string text;
    size_t body = std::string::npos;
    size_t wanted = 0;
    Request request;
    char buffer[65536];
    while (body == std::string::npos || text.size() - body < wanted) {
      const ssize_t got = recv(connection, buffer, sizeof buffer, 0);
      if (got <= 0) return;
      text.append(buffer, static_cast<size_t>(got));
      const size_t end = text.find("\r\n\r\n");
      if (body == std::string::npos && end != std::string::npos) {
        body = end + 4;
        Parse(text.substr(0, end + 2), &request);
        wanted = std::strtoul(request.Header("content-length").c_str(), nullptr, 10);
      }
    }
    request.body = text.substr(body);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const Response response = handler_(request);
    if (response.hang_up) return;
    std::string out =
        fmt::format("HTTP/1.1 {} Status\r\nContent-Length: {}\r\nConnection: close\r\n",
                    response.status, response.body.size());
    for (const auto& [name, value] : response.headers)
      out += fmt::format("{}: {}\r\n", name, value);
    out += "\r\n";
    if (request.method != "HEAD") {
      out += response.body.substr(0, response.body.size() - response.missing_bytes);
    }
    for (size_t done = 0; done < out.size();) {
      const ssize_t put = send(connection, out.data() + done, out.size() - done, MSG_NOSIGNAL);
      if (put <= 0) return;
      done += static_cast<size_t>(put);
    }
  }

  static void Parse(const std::string& head, Request* request) {
    const size_t space = head.find(' ');
    request->method = head.substr(0, space);
    request->target = head.substr(space + 1, head.find(' ', space + 1) - space - 1);
    size_t begin = head.find("\r\n") + 2;
    while (begin < head.size()) {
      const size_t end = head.find("\r\n", begin);
      const std::string line = head.substr(begin, end - begin);
      const size_t colon = line.find(':');
      std::string name = line.substr(0, colon);
      for (char& c : name) c = static_cast<char>(std::tolower(c));
      const size_t value = line.find_first_not_of(' ', colon + 1);
      request->headers.emplace_back(name, value == std::string::npos ? "" : line.substr(value));
      begin = end + 2;
    }
  }

  Handler handler_;
  int socket_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::thread thread_;
};

}  // namespace bessemer::io

#endif  // BESSEMER_IO_TEST_HTTP_SERVER_H_
