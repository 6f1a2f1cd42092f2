// What is printed, and whether it is a success.
package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

type tally struct{ passed, failed, unimplemented, disabled, inScope, inScopePassed int }

func (sum *tally) add(other tally) {
	sum.passed += other.passed
	sum.failed += other.failed
	sum.unimplemented += other.unimplemented
	sum.disabled += other.disabled
	sum.inScope += other.inScope
	sum.inScopePassed += other.inScopePassed
}

const width = 120

// leastPassed is how many of the tests that must pass did when this was written: fewer is a step back, whatever the
// reasons that the shim gives for not running one.
const leastPassed = 3806

func report(tests []Test, results map[string]Result, scope Scope, config *Config) error {
	groups := map[string]*tally{}
	var must tally
	notRun := map[string][]string{} // of those that must pass, by reason
	unused := maps.Clone(config.DisabledTests)
	var complaints []string

	for i := range tests {
		test := &tests[i]
		var one tally
		result, ran := results[test.Name]
		reason := result.Reason
		switch disabled, pattern := config.reason(test.Name); {
		case ran && result.Actual == "PASS":
			one.passed = 1
		case ran && result.Actual == "SKIP":
			one.unimplemented = 1
		case ran:
			one.failed = 1
			fmt.Printf("\nfailed: %s\n%s\n", test.Name, strings.TrimSpace(result.Error))
		case disabled != "":
			one.disabled = 1
			reason = disabled
			delete(unused, pattern)
		default:
			complaints = append(complaints, test.Name+" is not disabled, and did not run")
		}
		if scope[test.Name].inScope {
			one.inScope, one.inScopePassed = 1, one.passed
		}
		group := scope.group(test.Name)
		if groups[group] == nil {
			groups[group] = &tally{}
		}
		groups[group].add(one)
		if scope.mustPass(test) {
			must.add(one)
			if one.unimplemented+one.disabled > 0 {
				notRun[reason] = append(notRun[reason], test.Name)
			}
		}
	}

	fmt.Printf("\n%-32s %8s %8s %14s %9s %20s\n", "group", "passed", "failed", "unimplemented", "disabled", "in scope, passed of")
	var total tally
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		printRow(name, *groups[name])
		total.add(*groups[name])
	}
	printRow("all", total)
	if scope != nil {
		printRow("must pass", must)
		fmt.Println("\nMust pass: TLS 1.2 and 1.3 over TCP, in scope or with keys from outside or raw public keys, and TLS 1.1 and 1.0,\n" +
			"needing no suite with 3DES or pre-shared keys, neither certificate compression nor ECH. Not run of them:")
		for _, reason := range slices.Sorted(maps.Keys(notRun)) {
			printNames(fmt.Sprintf("%d: %s:", len(notRun[reason]), reason), notRun[reason])
		}
	}

	for pattern := range unused {
		if *mustPassOnly || *only != "" {
			break
		}
		complaints = append(complaints, fmt.Sprintf("config.json disables %q, which no test is", pattern))
	}
	if scope != nil && *only == "" && must.passed < leastPassed {
		complaints = append(complaints, fmt.Sprintf("%d tests that must pass did, fewer than %d", must.passed, leastPassed))
	}
	for _, complaint := range complaints {
		fmt.Println("failed:", complaint)
	}
	failed := total.failed + len(complaints)
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", total.passed, failed, total.unimplemented+total.disabled)
	if failed > 0 {
		return errors.New("BoGo failed")
	}
	return nil
}

func printRow(name string, row tally) {
	fmt.Printf("%-32s %8d %8d %14d %9d %12d of %4d\n", name, row.passed, row.failed, row.unimplemented, row.disabled,
		row.inScopePassed, row.inScope)
}

func printNames(heading string, names []string) {
	fmt.Printf("  %s\n", heading)
	line := "   "
	for _, name := range names {
		if len(line)+1+len(name) > width {
			fmt.Println(line)
			line = "   "
		}
		line += " " + name
	}
	fmt.Println(line)
}
