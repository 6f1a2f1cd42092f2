// The table of all tests among the vectors: their groups, and which of them are of concern to a library of TLS over TCP.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Scope is that table; nil where it is missing.
type Scope map[string]struct {
	group   string
	inScope bool
}

func readScope() (Scope, error) {
	vectors := os.Getenv("HANDFAST_VECTORS")
	if vectors == "" {
		vectors = "../../../shared/vectors"
	}
	content, err := os.ReadFile(filepath.Join(vectors, "bogo/tests.tsv"))
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Printf("There is no bogo/tests.tsv among the vectors (HANDFAST_VECTORS): the tests have no groups, and " +
			"which of them must pass is not checked.\n")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	columns := map[string]int{}
	for i, name := range strings.Split(lines[0], "\t") {
		columns[name] = i
	}
	scope := Scope{}
	for _, line := range lines[1:] {
		fields := strings.Split(line, "\t")
		if len(fields) < 8 { // the text of a test may hold a line feed
			continue
		}
		row := scope[fields[columns["name"]]]
		row.group = fields[columns["group"]]
		row.inScope = fields[columns["in_scope_tls12_13"]] == "1"
		scope[fields[columns["name"]]] = row
	}
	return scope, nil
}

func (scope Scope) group(name string) string {
	if row, ok := scope[name]; ok {
		return row.group
	}
	return "without a group"
}

// mustPass says whether a test is one of those that have to pass: TLS 1.2 or 1.3 over TCP, or the negotiation between
// them, in scope, or one of raw public keys, or of keys from outside in TLS 1.3, or of TLS 1.1 or 1.0, and nothing in it
// that needs a suite with 3DES or pre-shared keys, certificate compression or ECH. That is the runner's own account, not
// the test's name.
func (scope Scope) mustPass(test *Test) bool {
	named := scope[test.Name].inScope || test.ImportedPSK || test.RawPublicKey || test.OldVersion
	return named && test.Protocol == "TLS" && !test.OldSuite && !test.CertificateCompression && !test.ECH
}
