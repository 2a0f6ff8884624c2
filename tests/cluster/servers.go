package cluster

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// server is a program of the tests that Debian has not, or not in the generation wanted. It is the tool
// of tests/servers/NAME/go.mod: in a module of its own, since its dependencies are not to choose the
// versions of ours.
type server struct {
	module   string // whose version names the build
	pkg      string // below the module
	program  string
	variable string // of the environment: the path of one to use instead
	flags    []string
}

var servers = map[string]server{
	"prometheus": {
		module: "github.com/prometheus/prometheus", pkg: "/cmd/prometheus",
		program: "prometheus", variable: "EVENKEEL_PROMETHEUS3",
		flags: []string{"-tags=remove_all_sd"}, // the tests name their targets; hundreds of modules less
	},
	"victoriametrics": {
		module: "github.com/VictoriaMetrics/VictoriaMetrics", pkg: "/app/victoria-metrics",
		program: "victoria-metrics", variable: "EVENKEEL_VICTORIAMETRICS",
	},
}

// Server returns the path of a program of tests/servers. It is the one named by the program's variable
// (EVENKEEL_PROMETHEUS3, EVENKEEL_VICTORIAMETRICS) where that is set; else one in the cache, at
// NAME-VERSION/PROGRAM, which is built first if need be.
func Server(ctx context.Context, name string, log io.Writer) (string, error) {
	s, ok := servers[name]
	if !ok {
		return "", fmt.Errorf("no server %q in tests/servers; there are %s",
			name, strings.Join(slices.Sorted(maps.Keys(servers)), ", "))
	}
	if given := os.Getenv(s.variable); given != "" {
		return given, executable(s.variable, given)
	}
	version, err := s.version(name)
	if err != nil {
		return "", err
	}
	dir, err := cachedDir(ctx, name+"-"+version, log, func(dir string) error {
		fmt.Fprintf(log, "building %s %s (minutes the first time, cached afterwards)\n", s.module, version)
		started := time.Now()
		args := append([]string{"build", "-ldflags=-s -w", "-o", filepath.Join(dir, s.program)}, s.flags...)
		cmd := goCommand(ctx, append(args, s.module+s.pkg)...)
		cmd.Dir = serverDir(name)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s %s (set %s to the path of one to go without): %w\n%s",
				s.module, version, s.variable, err, lastLines(string(out), 20))
		}
		fmt.Fprintf(log, "built %s in %s\n", s.program, time.Since(started).Round(time.Second))
		return nil
	})
	return filepath.Join(dir, s.program), err
}

// version is read here and not asked of go, which would want the network for an answer.
func (s server) version(name string) (string, error) {
	file := filepath.Join(serverDir(name), "go.mod")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("looking for the version of %s: %w", s.module, err)
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(strings.TrimPrefix(line, "require ")); len(words) > 1 && words[0] == s.module {
			return words[1], nil
		}
	}
	return "", fmt.Errorf("%s requires no %s", file, s.module)
}

func serverDir(name string) string { return filepath.Join(root(), "tests", "servers", name) }

func executable(variable, path string) error {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("%s=%s is no executable file", variable, path)
	}
	return nil
}
