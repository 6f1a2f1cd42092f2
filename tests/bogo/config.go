// config.json: the runner's own configuration file, in which every test that is not run has its reason.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Config is the part of it that is of concern here.
type Config struct {
	path          string
	DisabledTests map[string]string // a pattern as filepath.Match takes it, and why
}

func readConfig(path string) (*Config, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(absolute)
	if err != nil {
		return nil, err
	}
	config := &Config{path: absolute}
	if err := json.Unmarshal(content, config); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for pattern, reason := range config.DisabledTests {
		if _, err := filepath.Match(pattern, ""); err != nil || reason == "" {
			return nil, fmt.Errorf("%s: %q has no reason, or is no pattern", path, pattern)
		}
	}
	return config, nil
}

// reason says why a test is disabled, or "" if it is not, and by which pattern.
func (config *Config) reason(name string) (reason, pattern string) {
	for pattern, reason := range config.DisabledTests {
		if matched, _ := filepath.Match(pattern, name); matched {
			return reason, pattern
		}
	}
	return "", ""
}
