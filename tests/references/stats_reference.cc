// stats_reference: reads cases from standard input, `FUNCTION ARGUMENT...` a line, and answers each by a line:
// `ok NUMBER...` with 17 digits, or `error CODE`.
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "answers.h"

int main() {
  using namespace slipway;
  references::Answers answers = references::metric_answers();
  answers.merge(references::test_answers());
  answers.merge(references::sequential_answers());
  answers.merge(references::paired_answers());
  std::string line, name;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    words >> name;
    const auto found = answers.find(name);
    if (found == answers.end()) {
      std::cerr << "no such function: " << name << '\n';
      return 2;
    }
    references::Arguments arguments(words);
    const references::Answer answer = found->second(arguments);
    if (!arguments.is_complete()) {
      std::cerr << name << ": too few arguments\n";
      return 2;
    }
    if (!answer.ok()) {
      std::printf("error %s\n", std::string(name_of(answer.error().code)).c_str());
      continue;
    }
    std::fputs("ok", stdout);
    for (const double value : *answer) std::printf(" %.17g", value);
    std::fputc('\n', stdout);
  }
  return 0;
}
