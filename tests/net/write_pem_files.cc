// write_pem_files FOLDER: ca.pem, cert.pem and key.pem for "localhost", for the programs that read files.
#include <fstream>
#include <string>

#include "net/identity.h"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::string folder = arguments[1];
  const handfast::test::PemFiles files = handfast::test::pem_files();
  std::ofstream ca(folder + "/ca.pem");
  ca << files.ca;
  std::ofstream chain(folder + "/cert.pem");
  chain << files.chain;
  std::ofstream key(folder + "/key.pem");
  key << files.key;
  return ca && chain && key ? 0 : 1;
}
