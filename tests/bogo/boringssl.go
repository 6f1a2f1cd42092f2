// Where BoringSSL is: a Go module at the version that go.mod requires, or a checkout.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// skipped is why nothing can be run.
type skipped string

func (reason skipped) Error() string { return string(reason) }

const module = "boringssl.googlesource.com/boringssl.git"

// A download that takes longer will not come.
const patience = 2 * time.Minute

// requiredVersion is what go.mod says.
func requiredVersion() (string, error) {
	out, err := exec.Command("go", "mod", "edit", "-json").Output()
	if err != nil {
		return "", fmt.Errorf("go mod edit: %w", err)
	}
	var mod struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		return "", err
	}
	for _, require := range mod.Require {
		if require.Path == module {
			return require.Version, nil
		}
	}
	return "", fmt.Errorf("go.mod does not require %s", module)
}

// download gives the module's folder.
func download(version string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "mod", "download", "-json", module+"@"+version).Output()
	var answer struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &answer); jsonErr != nil {
		return "", fmt.Errorf("go mod download: %w", err)
	}
	if answer.Error != "" {
		return "", fmt.Errorf("%s", answer.Error)
	}
	return answer.Dir, err
}

// findBoringSSL gives the folder of BoringSSL's sources, or skipped.
func findBoringSSL() (string, error) {
	version, err := requiredVersion()
	if err != nil {
		return "", err
	}
	dir, err := download(version)
	if err == nil {
		fmt.Printf("BoringSSL %s, as a Go module\n", version)
		return dir, nil
	}
	fmt.Printf("The Go module of BoringSSL can't be downloaded: %s\n", err)
	dir = os.Getenv("BORINGSSL_DIR")
	if dir == "" {
		return "", skipped("BoGo needs BoringSSL, as the Go module that could not be downloaded, or in BORINGSSL_DIR")
	}
	if _, err := os.Stat(filepath.Join(dir, "ssl/test/runner/runner.go")); err != nil {
		return "", fmt.Errorf("BORINGSSL_DIR holds no BoringSSL: %w", err)
	}
	fmt.Printf("BoringSSL in %s, commit %s; wanted: %s\n", dir, commit(dir), version)
	return dir, nil
}

// commit says which commit a checkout is at, as far as that can be known.
func commit(dir string) string {
	out, err := exec.Command("git", "-C", dir, "rev-parse", "--short=12", "HEAD").Output()
	top, topErr := exec.Command("git", "-C", dir, "rev-parse", "--show-toplevel").Output()
	same, _ := filepath.EvalSymlinks(dir)
	if err != nil || topErr != nil || string(bytes.TrimSpace(top)) != same {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
