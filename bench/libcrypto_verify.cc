// A chain verified by the system's libcrypto, as its own documentation shows.
#include <memory>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "case.h"
#include "check.h"
#include "freed.h"
#include "verify.h"

namespace handfast::bench {
namespace {

using X509Pointer = std::unique_ptr<X509, Freed<X509_free>>;
using StorePointer = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using ContextPointer = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;
struct StackFreed {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};
using StackPointer = std::unique_ptr<STACK_OF(X509), StackFreed>;

X509Pointer certificate(Bytes der) {
  const unsigned char* at = der.data();
  X509Pointer certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  check(certificate != nullptr, "d2i_X509");
  return certificate;
}

class Libcrypto final : public ChainVerifier {
 public:
  explicit Libcrypto(const TrustedChain& chain)
      : sent_(chain.sent()),
        store_(X509_STORE_new()),
        leaf_(certificate(sent_[0])),
        intermediate_(certificate(sent_[1])) {
    for (const Buffer& anchor : chain.anchors)
      check(X509_STORE_add_cert(store_.get(), certificate(anchor).get()) == 1, "X509_STORE_add_cert");
  }

  void verify() override {
    const X509Pointer leaf = certificate(sent_[0]);
    const X509Pointer intermediate = certificate(sent_[1]);
    verify(leaf.get(), intermediate.get());
  }
  void verify_parsed() override { verify(leaf_.get(), intermediate_.get()); }
  void parse() override { certificate(sent_[0]); }

 private:
  void verify(X509* leaf, X509* intermediate) {
    const StackPointer untrusted(sk_X509_new_null());
    sk_X509_push(untrusted.get(), intermediate);
    const ContextPointer context(X509_STORE_CTX_new());
    check(X509_STORE_CTX_init(context.get(), store_.get(), leaf, untrusted.get()) == 1, "X509_STORE_CTX_init");
    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
    check(X509_STORE_CTX_set_default(context.get(), "ssl_server") == 1 &&
              X509_VERIFY_PARAM_set1_host(parameters, server_name.data(), server_name.size()) == 1,
          "X509_VERIFY_PARAM_set1_host");
    check(X509_verify_cert(context.get()) == 1, "X509_verify_cert");
  }

  std::array<Bytes, 2> sent_;
  StorePointer store_;
  X509Pointer leaf_;
  X509Pointer intermediate_;
};

}  // namespace

std::unique_ptr<ChainVerifier> ChainVerifier::openssl(const TrustedChain& chain) {
  return std::make_unique<Libcrypto>(chain);
}

}  // namespace handfast::bench
