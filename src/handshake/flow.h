// Flows: handshakes as coroutines that read like the RFC.
//
// `co_await` means one of three things: a message from the peer (`next`), a Result (on an error the flow ends), or an
// answer from outside (Outside). The rules that keep this sound with g++ 12 stand in CONTRIBUTING.md and are enforced
// by tests/architecture.
#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include <handfast/error.h>

#include "handshake/engine.h"

namespace handfast::handshake {

template <typename T>
class Flow;

/// Awaits a flow: it starts, and the awaiting one goes on when it has returned.
template <typename T>
struct FlowAwaiter {
  Engine& engine;
  Flow<T>& child;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> parent) noexcept;
  T await_resume() noexcept;
};

/// Awaits a Result: goes on with the value, or ends the flow with the error.
template <typename T>
struct ResultAwaiter {
  Engine& engine;
  Result<T>& result;
  bool await_ready() const noexcept { return result.has_value(); }
  void await_suspend(std::coroutine_handle<>) noexcept { engine.fail(std::move(result.error())); }
  T await_resume() noexcept {
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
};

/// Awaits a message of one of the types named, or the change_cipher_spec, which brings none.
struct NextAwaiter {
  Engine& engine;
  Expected expected;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> flow) noexcept { engine.await_message(expected, flow); }
  Msg await_resume() noexcept { return engine.take_message(); }
};

/// Awaits an answer from outside: goes on at once where there is one, else when Engine::answer brings it.
template <typename T>
struct OutsideAwaiter {
  Engine& engine;
  Outside<T>& outside;
  bool await_ready() const noexcept { return outside.inline_answer && outside.inline_answer->has_value(); }
  void await_suspend(std::coroutine_handle<> flow) noexcept {
    if (outside.inline_answer)
      engine.fail(std::move(outside.inline_answer->error()));
    else
      engine.await_answer(flow);
  }
  T await_resume() noexcept {
    // An error has ended the flow: whoever comes here has an answer.
    Result<T> answer = outside.inline_answer ? std::move(*outside.inline_answer) : engine.take_answer<T>();
    if (!answer) std::unreachable();
    if constexpr (!std::is_void_v<T>) return std::move(*answer);
  }
};

/// What all flows' promises have in common. The closed set of what may be awaited is `await_transform`.
class PromiseBase {
 public:
  template <typename... Args>
  explicit PromiseBase(Engine& engine, Args&&...) noexcept : engine_(engine) {}

  template <typename... Args>
  static void* operator new(std::size_t size, Engine& engine, Args&&...) noexcept {
    return engine.arena().allocate(size);
  }
  // A coroutine that does not take the engine first (a lambda, a member) does not compile.
  static void* operator new(std::size_t) = delete;
  static void operator delete(void* frame, std::size_t) noexcept { Arena::release(frame); }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> flow) const noexcept {
      PromiseBase& promise = flow.promise();
      promise.engine_.returned(promise.parent_);
    }
    void await_resume() const noexcept {}
  };
  FinalAwaiter final_suspend() const noexcept { return {}; }

  // Only memory can run out in a flow: everything else is a Result.
  void unhandled_exception() noexcept { engine_.fail(Error(Alert::internal_error, Reason::out_of_memory)); }

  template <typename T>
  FlowAwaiter<T> await_transform(Flow<T>&& child) noexcept {
    return {engine_, child};
  }
  template <typename T>
  ResultAwaiter<T> await_transform(Result<T>&& result) noexcept {
    return {engine_, result};
  }
  NextAwaiter await_transform(Expected expected) noexcept { return {engine_, expected}; }
  template <typename T>
  OutsideAwaiter<T> await_transform(Outside<T>&& outside) noexcept {
    return {engine_, outside};
  }
  template <typename T>
  void await_transform(Flow<T>&) = delete;
  template <typename T>
  void await_transform(Result<T>&) = delete;
  template <typename T>
  void await_transform(Outside<T>&) = delete;

  void set_parent(std::coroutine_handle<> parent) noexcept { parent_ = parent; }

 private:
  Engine& engine_;
  std::coroutine_handle<> parent_;
};

template <typename T>
class Promise : public PromiseBase {
 public:
  using PromiseBase::PromiseBase;
  void return_value(T value) noexcept { value_.emplace(std::move(value)); }
  T take() noexcept { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  using PromiseBase::PromiseBase;
  void return_void() noexcept {}
  void take() noexcept {}
};

/// A flow that gives a T. It is awaited once, in the statement that calls it, and owns its frame.
template <typename T>
class [[nodiscard]] Flow {
 public:
  struct promise_type : Promise<T> {
    using Promise<T>::Promise;
    Flow get_return_object() noexcept { return Flow(std::coroutine_handle<promise_type>::from_promise(*this)); }
    static Flow get_return_object_on_allocation_failure() noexcept { return Flow(nullptr); }
  };

  Flow(Flow&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Flow& operator=(Flow&&) = delete;
  ~Flow() {
    if (handle_) handle_.destroy();
  }

  /// Null where there was no memory for the frame.
  std::coroutine_handle<promise_type> handle() const noexcept { return handle_; }
  /// Gives the frame away: to the driver, which destroys the root.
  std::coroutine_handle<promise_type> release() && noexcept { return std::exchange(handle_, nullptr); }

 private:
  explicit Flow(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

template <typename T>
void FlowAwaiter<T>::await_suspend(std::coroutine_handle<> parent) noexcept {
  if (!child.handle()) {
    engine.fail(Error(Alert::internal_error, Reason::out_of_memory));
    return;
  }
  child.handle().promise().set_parent(parent);
  engine.ready(child.handle());
}

template <typename T>
T FlowAwaiter<T>::await_resume() noexcept {
  return child.handle().promise().take();
}

/// `Msg hello = co_await next(HandshakeType::client_hello);` any other message is unexpected_message.
template <typename... Types>
Expected next(Types... types) noexcept {
  return Expected{{types...}, sizeof...(types)};
}

/// `co_await change_cipher_spec();` the record of TLS 1.2 behind which the peer's new keys hold (RFC 5246,
/// section 7.1); any message is unexpected_message.
inline Expected change_cipher_spec() noexcept { return Expected{{}, 0}; }

}  // namespace handfast::handshake
