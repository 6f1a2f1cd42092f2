// An HTTPS server: a certificate, a key, one function that answers.
//
//   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost
//     -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:false -keyout key.pem -out cert.pem
//   https_server :8443 cert.pem key.pem
//   curl --cacert cert.pem https://localhost:8443/
#include <handfast/http_server.h>
#include <iostream>

int main(int count, char** arguments) {
  if (count != 4) return std::cerr << "usage: https_server ADDR:PORT CHAIN KEY\n", 2;
  const auto failed = handfast::http::serve(arguments[1], arguments[2], arguments[3], [](const auto& request) {
    return handfast::http::Response{.body = "You asked for " + request.target + "\n"};
  });
  std::cerr << failed.message() << '\n';
  return 1;
}
