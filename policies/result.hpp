// Result<T>: a value or an Error, for everything that can be expected to fail.
//
// The member names are those of std::expected (C++23), so that a later move is one alias. Errors
// carry a kind, and the kind alone decides what a caller does (retry, decide again, relist, give
// up): nobody matches on the text, which is for people.
#pragma once

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace evenkeel {

enum class ErrorKind {
  kInvalid,       // the input is wrong: a spec, a flag, a parameter, a query; retrying is pointless
  kNotFound,      // the object does not exist (404)
  kConflict,      // the object changed since it was read (409): read and decide again
  kGone,          // the resourceVersion is too old (410): list again
  kUnauthorized,  // credentials refused (401): re-read them
  kForbidden,     // authorization refused (403): an administrator must act
  kThrottled,     // asked to come back later (429); see Error::retry_after
  kUnavailable,   // no connection, reset, 5xx: retry with back-off
  kTimeout,       // no answer before the deadline
  kTls,           // the peer's certificate was refused, or ours by it
  kMalformed,     // an answer that is not what the protocol says
  kTooLarge,      // an answer larger than its bound
  kCancelled,     // stopped on our own request
};

struct Error {
  ErrorKind kind = ErrorKind::kInvalid;
  std::string message;                                     // one line, for people
  std::optional<std::chrono::milliseconds> retry_after{};  // the server's wish, where it gave one

  bool operator==(const Error&) const = default;
};

inline Error Invalid(std::string message) { return {ErrorKind::kInvalid, std::move(message), {}}; }

template <class T>
class [[nodiscard]] Result {
 public:
  // Implicit, so that `return value;` and `return error;` both read as what they are.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // Asking for what is not there is a bug in the caller and ends the process.
  [[nodiscard]] const T& value() const& { return *Require(std::get_if<0>(&state_)); }
  [[nodiscard]] T& value() & { return *Require(std::get_if<0>(&state_)); }
  [[nodiscard]] T&& value() && { return std::move(*Require(std::get_if<0>(&state_))); }
  [[nodiscard]] const Error& error() const { return *Require(std::get_if<1>(&state_)); }

  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  template <class P>
  static P Require(P pointer) {
    if (pointer == nullptr) std::abort();
    return pointer;
  }

  std::variant<T, Error> state_;
};

// A Result without a value: success is `Ok()`.
using Status = Result<std::monostate>;
inline Status Ok() { return std::monostate{}; }

}  // namespace evenkeel
