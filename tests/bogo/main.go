// Runs BoringSSL's test runner (BoGo) against bogo-shim, the program that HANDFAST_SHIM names, and says by group what
// passed, failed and did not run. See `run`.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

var (
	mustPassOnly = flag.Bool("must-pass", false, "run those tests alone that must pass")
	only         = flag.String("only", "", "run those tests alone whose names match this `pattern` (filepath.Match)")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		var skip skipped
		if errors.As(err, &skip) {
			fmt.Printf("skipped: %s\n0 passed, 0 failed, 1 skipped\n", skip)
			return
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	shim := os.Getenv("HANDFAST_SHIM")
	if shim == "" {
		return errors.New("HANDFAST_SHIM names no program")
	}
	config, err := readConfig("config.json")
	if err != nil {
		return err
	}
	source, err := findBoringSSL()
	if err != nil {
		return err
	}
	runner, err := buildRunner(source, filepath.Join(filepath.Dir(shim), "bogo-runner"))
	if err != nil {
		return err
	}
	tests, err := runner.list(shim)
	if err != nil {
		return err
	}
	scope, err := readScope()
	if err != nil {
		return err
	}
	all := len(tests)
	var chosen []string // none: all
	if *mustPassOnly {
		if scope == nil {
			return skipped("BoGo: without the vectors it is not known which tests have to pass")
		}
		tests = slices.DeleteFunc(tests, func(test Test) bool { return !scope.mustPass(&test) })
	}
	if *only != "" {
		tests = slices.DeleteFunc(tests, func(test Test) bool {
			matched, _ := filepath.Match(*only, test.Name)
			return !matched
		})
	}
	if len(tests) == 0 {
		return errors.New("no test is among those to be run")
	}
	if len(tests) < all {
		for _, test := range tests {
			chosen = append(chosen, test.Name)
		}
	}
	results, err := runner.run(shim, config.path, chosen)
	if err != nil {
		return err
	}
	return report(tests, results, scope, config)
}
