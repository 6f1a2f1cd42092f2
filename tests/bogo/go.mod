// BoringSSL's protocol tests, at the version whose runner Handfast is held against.
module handfast/tests/bogo

go 1.26

// Downloaded for its sources (boringssl.go) and imported nowhere: the runner is a test of its own.
require boringssl.googlesource.com/boringssl.git v0.0.0-20260821155238-a0689af29e8e
