package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var exported = regexp.MustCompile(`(?m)^export (\w+)='(.*)'$`)

// script runs one of the shell's commands and returns its output.
func script(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "./"+name, args...)
	out, err := cmd.Output()
	var failure *exec.ExitError
	if errors.As(err, &failure) {
		t.Fatalf("%s %v: %v\n%s", name, args, err, failure.Stderr)
	}
	must(t, err)
	return string(out)
}

func environment(t *testing.T, text string) map[string]string {
	t.Helper()
	variables := map[string]string{}
	for _, match := range exported.FindAllStringSubmatch(text, -1) {
		variables[match[1]] = match[2]
	}
	for _, name := range []string{"EVENKEEL_CLUSTER_DIR", "KUBECONFIG", "KUBEBUILDER_ASSETS", "PROMETHEUS_URL"} {
		if variables[name] == "" {
			t.Fatalf("up does not export %s:\n%s", name, text)
		}
	}
	return variables
}

func TestTheShellStartsDisturbsAndEndsACluster(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	variables := environment(t, script(t, "up"))
	dir := variables["EVENKEEL_CLUSTER_DIR"]
	defer func() { _ = exec.Command("./down", "--dir", dir).Run() }()
	kubectl := func() error {
		cmd := exec.Command(filepath.Join(variables["KUBEBUILDER_ASSETS"], "kubectl"), "get", "nodes", "-o", "name", "--request-timeout=5s")
		cmd.Env = append(os.Environ(), "KUBECONFIG="+variables["KUBECONFIG"])
		out, err := cmd.CombinedOutput()
		if string(out) != "node/local\n" {
			err = errors.Join(err, errors.New(string(out)))
		}
		return err
	}
	must(t, kubectl())
	script(t, "component", "--dir", dir, "stop", "kube-apiserver")
	if kubectl() == nil {
		t.Error("kubectl works without an API server")
	}
	script(t, "component", "--dir", dir, "start", "kube-apiserver")
	must(t, kubectl())
	script(t, "down", "--dir", dir)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("down leaves the temporary directory: %v", err)
	}
}

func TestAClusterEndsWithTheOwnerItWasGiven(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cluster")
	owner := exec.Command("sleep", "600")
	must(t, owner.Start())
	defer func() { _ = exec.Command("./down", "--dir", dir).Run() }()
	environment(t, script(t, "up", "--dir", dir, "--owner", strconv.Itoa(owner.Process.Pid)))
	must(t, owner.Process.Kill())
	_ = owner.Wait()
	await(t, "end of the cluster's processes", func() error {
		out, err := exec.Command("ps", "-eo", "pid=,args=").Output()
		if strings.Contains(string(out), dir) {
			err = fmt.Errorf("%s", out)
		}
		return err
	})
}

func TestUpRefusesADirectoryThatHoldsSomethingElse(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "precious"), nil, 0o600))
	out, err := exec.Command("./up", "--dir", dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "neither empty nor the directory of an ended cluster") {
		t.Errorf("up says %v: %s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "precious")); err != nil {
		t.Error(err)
	}
}
