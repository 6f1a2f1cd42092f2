// The runner: a copy of BoringSSL's, with a file of ours in it that lists its tests, built and run.
package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// What each test needs, only the runner knows, and does not say: this test of Go's, beside its own, writes it down.
//
//go:embed list_test.go.txt
var listTest []byte

// Runner is the built runner.
type Runner struct{ program, folder string }

// Test is what the runner says of one of its tests. What it needs is true of its handshakes, whatever its name is.
type Test struct {
	Name                   string
	Protocol               string // TLS, DTLS, QUIC
	OldVersion             bool   // TLS 1.1 or below
	OldSuite               bool   // 3DES, PSK: whatever Handfast does not speak even where it is named
	ImportedPSK            bool   // keys from outside in TLS 1.3 (RFC 9258)
	RawPublicKey           bool   // RFC 7250, without delegated credentials
	CertificateCompression bool
	ECH                    bool
}

// Result is one row of the runner's own report.
type Result struct {
	Actual string `json:"actual"` // PASS, FAIL, SKIP
	Error  string `json:"error"`
	Reason string `json:"-"` // of a SKIP, as the shim says
}

// buildRunner copies what belongs to the runner to `folder`, which stays, so that the next time there is less to build.
func buildRunner(source, folder string) (*Runner, error) {
	for _, part := range []string{"go.mod", "go.sum", "ssl/test/runner", "util/testresult"} {
		if err := copyTree(filepath.Join(source, part), filepath.Join(folder, part)); err != nil {
			return nil, err
		}
	}
	directory := filepath.Join(folder, "ssl/test/runner")
	if err := os.WriteFile(filepath.Join(directory, "handfast_list_test.go"), listTest, 0o644); err != nil {
		return nil, err
	}
	program := filepath.Join(folder, "runner.test")
	build := exec.Command("go", "test", "-c", "-o", program, ".")
	build.Dir = directory
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the runner: %w\n%s", err, out)
	}
	return &Runner{program, directory}, nil
}

// copyTree copies a file or a folder. A file that is there already stays as it is, and with it what was built of it.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if old, err := os.ReadFile(target); err == nil && string(old) == string(content) {
			return nil
		}
		return os.WriteFile(target, content, 0o644)
	})
}

func (runner *Runner) command(arguments ...string) *exec.Cmd {
	command := exec.Command(runner.program, append([]string{"-test.timeout=30m"}, arguments...)...)
	command.Dir = runner.folder
	return command
}

// list gives all tests of the runner, in its order.
func (runner *Runner) list(shim string) ([]Test, error) {
	file := filepath.Join(filepath.Dir(runner.program), "tests.json")
	// The runner makes its tests when it runs, and ends the process where none was run, or one failed.
	command := runner.command("-test.run=^TestListForHandfast$", "-shim-path="+shim, "-allow-unimplemented",
		"-test=NoFallbackSCSV")
	command.Env = append(os.Environ(), "HANDFAST_LIST="+file)
	if out, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("listing the tests: %w\n%s", err, out)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var tests []Test
	return tests, json.Unmarshal(content, &tests)
}

// run runs the tests that `only` names, or all, but those that `config` disables, and gives their results by name.
func (runner *Runner) run(shim, config string, only []string) (map[string]Result, error) {
	if only == nil {
		return runner.runSome(shim, config, nil)
	}
	all := map[string]Result{}
	for some := range slices.Chunk(only, 1000) { // all their names are more than one argument of a program may hold
		results, err := runner.runSome(shim, config, some)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, results)
	}
	return all, nil
}

func (runner *Runner) runSome(shim, config string, only []string) (map[string]Result, error) {
	folder, err := os.MkdirTemp("", "bogo-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "results.json")
	transcripts := filepath.Join(folder, "transcripts")
	if err := os.Mkdir(transcripts, 0o755); err != nil {
		return nil, err
	}
	// That a test failed, its exit code says as well; what matters is whether it got as far as to report.
	out, runErr := runner.command("-test.run=^TestAll$", "-shim-path="+shim, "-shim-config="+config,
		"-allow-unimplemented", "-json-output="+file, "-transcript-dir="+transcripts,
		"-num-workers="+strconv.Itoa(runtime.NumCPU()), "-idle-timeout=1m", "-test="+strings.Join(only, ";")).CombinedOutput()
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the runner did not report: %v\n%s", runErr, tail(out))
	}
	var report struct{ Tests map[string]Result }
	if err := json.Unmarshal(content, &report); err != nil {
		return nil, err
	}
	for name, result := range report.Tests {
		if result.Actual == "SKIP" {
			result.Reason = noted(transcripts, name)
			report.Tests[name] = result
		}
	}
	return report.Tests, nil
}

// noted is the reason that the shim left for a test which it does not implement.
func noted(transcripts, name string) string {
	for _, protocol := range []string{"tls", "dtls", "quic"} {
		for _, side := range []string{"client", "server"} {
			reason, err := os.ReadFile(filepath.Join(transcripts, protocol, side, name+"-unimplemented"))
			if err == nil {
				return strings.TrimSpace(string(reason))
			}
		}
	}
	return "no reason given"
}

func tail(out []byte) []byte {
	const enough = 4000
	return out[max(0, len(out)-enough):]
}
