// slipway-load: sends one request again and again over HTTP/1.1, HTTP/2 or gRPC, and reports rate, latency and CPU.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "bench/load/generator.h"

namespace slipway::load {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// "http://127.0.0.1:8080/path" or "unix:/socket:/path".
bool parse_url(const std::string& url, Plan& plan, Request& request) {
  if (url.starts_with("unix:")) {
    std::size_t colon = url.find(':', 5);
    if (colon == std::string::npos) return false;
    plan.unix_path = url.substr(5, colon - 5);
    request.authority = "localhost";
    request.path = url.substr(colon + 1);
    return true;
  }
  if (!url.starts_with("http://")) return false;
  std::size_t slash = url.find('/', 7);
  request.authority = url.substr(7, slash == std::string::npos ? slash : slash - 7);
  request.path = slash == std::string::npos ? "/" : url.substr(slash);
  std::size_t colon = request.authority.rfind(':');
  if (colon == std::string::npos) return false;
  plan.host = request.authority.substr(0, colon);
  plan.port = static_cast<std::uint16_t>(std::strtoul(request.authority.c_str() + colon + 1, nullptr, 10));
  return plan.port != 0;
}

double microseconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e3;
}

std::string latency_json(const Histogram& latency) {
  char text[200];
  std::snprintf(
      text, sizeof text,
      R"({"count": %llu, "mean_us": %.1f, "p50_us": %.1f, "p90_us": %.1f, "p99_us": %.1f, "p999_us": %.1f, "max_us": %.1f})",
      static_cast<unsigned long long>(latency.count()), latency.mean_microseconds(),
      microseconds(latency.quantile(0.5)), microseconds(latency.quantile(0.9)), microseconds(latency.quantile(0.99)),
      microseconds(latency.quantile(0.999)), microseconds(latency.max()));
  return text;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f ? '.' : c;
  }
  return out + "\"";
}

void print(const Report& report) {
  double seconds = static_cast<double>(report.took.count()) / 1e9;
  double answers = std::max(1.0, static_cast<double>(report.answers()));
  std::cout << "{\"seconds\": " << seconds << ", \"answers\": " << report.answers()
            << ", \"rate\": " << static_cast<double>(report.answers()) / seconds
            << ", \"good_rate\": " << static_cast<double>(report.good) / seconds
            << ", \"mismatched\": " << report.mismatched << ", \"cut\": " << report.cut
            << ", \"unanswered\": " << report.unanswered << ", \"unsent\": " << report.unsent
            << ", \"reconnects\": " << report.reconnects
            << ",\n \"server_cpu_us\": " << report.server_cpu_seconds * 1e6 / answers
            << ", \"own_cpu_us\": " << report.own_cpu_seconds * 1e6 / answers << ",\n \"statuses\": {";
  const char* separator = "";
  for (const auto& [status, seen] : report.statuses) {
    std::cout << separator << "\n  \"" << status << "\": " << latency_json(seen.latency);
    separator = ",";
  }
  std::cout << "},\n \"first_trouble\": " << quoted(report.first_trouble) << "}\n";
}

int run(int count, char** arguments) {
  Plan plan;
  Request request;
  std::string url, body, expected;
  std::vector<std::string> also_expected;
  std::vector<std::string> headers;
  double seconds = 5, warm_up = 0.5;
  std::size_t floats = 0;
  CLI::App app{
      "Sends one request again and again and prints a JSON report. Exit status: 0 when every answer was good, 1 when "
      "one was not, 2 for wrong usage, 3 when no connection could be made."};
  app.add_option("url", url, "http://HOST:PORT/PATH or unix:SOCKET:/PATH")->required();
  app.add_option("--protocol", plan.protocol, "http1, http2 or grpc")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Protocol>{
          {"http1", Protocol::Http1}, {"http2", Protocol::Http2}, {"grpc", Protocol::Grpc}}));
  app.add_option("--connections", plan.connections)->check(CLI::Range(1, 20'000));
  app.add_option("--streams", plan.streams, "requests in flight on each connection")->check(CLI::Range(1, 1'000));
  app.add_option("--body", body, "file with the body (grpc: the message); sent by POST")->check(CLI::ExistingFile);
  app.add_option("--header", headers, "'name: value', again for each");
  app.add_option("--expect", expected, "file with the body of a good answer; default: the first answer")
      ->check(CLI::ExistingFile);
  app.add_option("--also-expect", also_expected, "file with the body of another good answer, with --expect")
      ->check(CLI::ExistingFile);
  app.add_option("--trailing-floats", floats, "float32 values at the end of the answer, compared with a tolerance");
  app.add_option("--rate", plan.rate, "open loop: requests per second")->check(CLI::PositiveNumber);
  app.add_option("--arrivals", plan.arrivals, "constant or poisson, with --rate; default poisson")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Arrivals>{{"constant", Arrivals::Constant}, {"poisson", Arrivals::Poisson}}));
  app.add_option("--seed", plan.seed, "of the Poisson arrivals");
  app.add_option("--seconds", seconds)->check(CLI::PositiveNumber);
  app.add_option("--warm-up", warm_up, "seconds before the measured ones")->check(CLI::NonNegativeNumber);
  app.add_option("--pid", plan.server_pids, "server process whose CPU time is measured, again for each");
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!parse_url(url, plan, request)) {
    std::cerr << "expected http://HOST:PORT/PATH or unix:SOCKET:/PATH, found '" << url << "'\n";
    return 2;
  }
  for (const std::string& header : headers) {
    std::size_t colon = header.find(": ");
    if (colon == std::string::npos) {
      std::cerr << "expected --header 'name: value', found '" << header << "'\n";
      return 2;
    }
    std::string name = header.substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    request.headers.emplace_back(name, header.substr(colon + 2));
  }
  if (!body.empty()) request.body = file_text(body);
  if (plan.rate > 0 && plan.arrivals == Arrivals::Closed) plan.arrivals = Arrivals::Poisson;
  if (plan.rate == 0) plan.arrivals = Arrivals::Closed;
  auto span = [](double s) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s)); };
  plan.duration = span(seconds);
  plan.warm_up = span(warm_up);
  Expectation expectation(expected.empty() ? "" : file_text(expected), floats);
  for (const std::string& file : also_expected) expectation.add(file_text(file));
  Result<Report> report = generate(plan, request, std::move(expectation));
  if (!report.ok()) {
    std::cerr << report.error().message << "\n";
    return 3;
  }
  print(*report);
  return report->good == report->answers() && report->cut + report->unanswered == 0 ? 0 : 1;
}

}  // namespace
}  // namespace slipway::load

int main(int count, char** arguments) {
  return slipway::load::run(count, arguments);
}
