// Child: a program that a test started. It is killed with the object, and also when the test is.
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace evenkeel::test {

class Child {
 public:
  // The words of the command; its output goes where the test's goes.
  explicit Child(std::vector<std::string> command) {
    std::vector<char*> argv;
    argv.reserve(command.size() + 1);
    for (std::string& word : command) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() == parent) ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
  }
  ~Child() {
    Signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void Signal(int signal) const { ::kill(pid_, signal); }

  // Freezes the process. Returns when all its threads have stopped: on a busy machine some run on
  // for a while after the signal. False when it has ended instead.
  [[nodiscard]] bool Pause() const {
    Signal(SIGSTOP);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WEXITED | WNOWAIT);
    return info.si_code == CLD_STOPPED;
  }
  void Resume() const { Signal(SIGCONT); }

 private:
  pid_t pid_ = -1;
};

}  // namespace evenkeel::test
